"""A signal ends the event loop, whatever is being done at that moment."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# As maubot does it; the callback does as asyncpg's protocol.
PROGRAM = """
import asyncio, os, signal, sys
from fosdembot.interrupt import between_callbacks

def swallow():
    try:
        os.kill(os.getpid(), int(sys.argv[1]))
        for _ in range(1000):
            pass
    except BaseException:
        pass

async def main():
    between_callbacks()
    asyncio.get_running_loop().call_soon(swallow)
    await asyncio.sleep(20)
    print("never told")

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.default_int_handler)
loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
except KeyboardInterrupt:
    print("stopping in order")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_not_lost_where_exceptions_are_swallowed(number: signal.Signals) -> None:
    program = [sys.executable, "-c", PROGRAM, str(int(number))]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout == "stopping in order\n"
