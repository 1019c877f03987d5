"""A real prosody (Debian's), set up as Jitsi Meet sets its own up, and no network beyond 127.0.0.1.

What Jitsi's own Lua modules add (the nick rule, tokens, the lobby) is not in it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .ports import free_port
from .server import Server, ServerError

DOMAIN = "meet.jitsi"
MUC = "muc.meet.jitsi"
FOCUS_COMPONENT = "focus.meet.jitsi"
AUTH_DOMAIN = "auth.meet.jitsi"
FOCUS_PASSWORD = COMPONENT_SECRET = "of a server for tests"

_CONFIG = """
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
network_backend = "epoll"
interfaces = {{ "127.0.0.1" }}
c2s_interfaces = {{ "127.0.0.1" }}
http_interfaces = {{ "127.0.0.1" }}
component_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s} }}
http_ports = {{ {http} }}
component_ports = {{ {component} }}
https_ports = {{ }}
c2s_direct_tls_ports = {{ }}
plugin_paths = {{ "{folder}/modules" }}
modules_enabled = {{
    "roster"; "saslauth"; "disco"; "ping"; "limits"; "posix"; "websocket"; "bosh";
}}
modules_disabled = {{ "offline"; "register"; "s2s"; "tls"; }}
limits = {{ c2s = {{ rate = "10kb/s" }} }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
consider_bosh_secure = true
consider_websocket_secure = true
cross_domain_websocket = true
http_default_host = "{domain}"
admins = {{ "focus@{auth}" }}
component_admins_as_room_owners = true
VirtualHost "{domain}"
    authentication = "anonymous"
VirtualHost "{auth}"
    authentication = "internal_hashed"
Component "{muc}" "muc"
    modules_enabled = {{ {muc_modules} }}
    restrict_room_creation = true
    muc_room_locking = false
    muc_room_default_public_jids = true
    muc_tombstones = false
    muc_room_allow_persistent = false
Component "{focus}"
    component_secret = "{secret}"
"""


def is_installed() -> bool:
    return shutil.which("prosody") is not None


class Prosody(Server):
    """prosody with its data in `folder`, which as root must be one that everybody can enter.
    `muc_modules`: paths of Lua modules (`mod_….lua`) of the component that has the meetings."""

    name = "prosody"

    def __init__(self, folder: Path, muc_modules: Sequence[Path] = ()) -> None:
        super().__init__(folder)
        # It refuses to run as root.
        self.user = "prosody" if os.geteuid() == 0 else ""
        self.c2s, self.http, self.component = free_port(), free_port(), free_port()
        self._config = folder / "prosody.cfg.lua"
        self._write(muc_modules)
        self._register("focus", AUTH_DOMAIN, FOCUS_PASSWORD)

    @property
    def websocket(self) -> str:
        return f"ws://127.0.0.1:{self.http}/xmpp-websocket"

    def _write(self, muc_modules: Sequence[Path]) -> None:
        modules = self.folder / "modules"
        modules.mkdir()
        for module in muc_modules:
            shutil.copy(module, modules)
        names = [module.stem.removeprefix("mod_") for module in muc_modules]
        text = _CONFIG.format(
            folder=self.folder,
            c2s=self.c2s,
            http=self.http,
            component=self.component,
            domain=DOMAIN,
            auth=AUTH_DOMAIN,
            muc=MUC,
            focus=FOCUS_COMPONENT,
            secret=COMPONENT_SECRET,
            muc_modules=" ".join(f'"{name}";' for name in names),
        )
        self._config.write_text(text)
        (self.folder / "data").mkdir()
        if self.user:
            owner = pwd.getpwnam(self.user)
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _register(self, user: str, host: str, password: str) -> None:
        program = ["prosodyctl", "--config", str(self._config), "register", user, host, password]
        try:
            subprocess.run(
                program,
                check=True,
                stdout=subprocess.DEVNULL,
                cwd=self.folder,
                user=self.user or None,
                extra_groups=[] if self.user else None,
            )
        except (OSError, subprocess.CalledProcessError):
            # As root mostly: a folder that prosody's own user cannot enter.
            raise ServerError(f"prosody cannot work in {self.folder}") from None

    def _command(self) -> Sequence[str]:
        return ["prosody", "-F", "--config", str(self._config)]

    async def _is_ready(self) -> bool:
        for port in (self.c2s, self.http, self.component):
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", port)):
                    return False
        return True
