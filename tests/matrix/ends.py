"""What a run leaves behind, wherever it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from simulation.fake_homeserver import FakeHomeserver
from simulation.stepped_clock import SteppedClock

from .parts import Machine, Parts
from .stand_ins import Crasher

DEVICES = ("DEVICE", "ANOTHER")
"""The next run has the same log-in, or a new one."""


@dataclass(frozen=True)
class End:
    """What is on the disk, and what the homeserver knows."""

    how: str
    at: datetime
    server: FakeHomeserver
    file: bytes
    log: bytes

    async def go_on(self, machine: Machine, device: str) -> Parts:
        """The next run, on a machine of which nothing else is left."""
        machine.server = self.server.copy(SteppedClock(self.at))
        name = f"after {self.how}, {device}"
        path = machine.file(name)
        path.write_bytes(self.file)
        path.with_name(path.name + "-wal").write_bytes(self.log)
        machine.may_lose_power = False
        parts = await machine.start(device, name=name)
        parts.skip_waiting()
        return parts


class Ends(Crasher):
    """Notes, at each step of a run on `machine`, what a crash there would leave, and what a power
    cut. The run goes on.

    Memory is lost in both. So where a step has changed neither the disk nor anything at the
    homeserver, the next run would be the same as after the step before: it is not noted.
    """

    def __init__(self, machine: Machine, name: str = "bot") -> None:
        super().__init__()
        self.found: list[End] = []
        self._machine = machine
        self._name = name
        self._seen: set[tuple[str, bytes, bytes]] = set()
        machine.may_lose_power = True

    def step(self, *_: object) -> None:
        super().step()
        self._note("crash", *self._machine.files(self._name))
        self._note("power cut", *self._machine.disk.left())

    def _note(self, what: str, file: bytes, log: bytes) -> None:
        server = self._machine.server
        left = server.known(), file, log
        if left not in self._seen:
            self._seen.add(left)
            copied = server.copy(server.clock)
            how = f"a {what} at step {self.steps}"
            self.found.append(End(how, server.clock.now(), copied, file, log))
