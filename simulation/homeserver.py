"""A real Matrix homeserver (Synapse, on SQLite, on 127.0.0.1) for the demo and the tests."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

from .ports import free_port
from .server import Server, ServerError
from .waiting import wait_for

_SECRET = "only for this machine"
# Of a made-up key: Synapse then needs no step that generates one.
_SIGNING_KEY = "ed25519 a_demo " + "a" * 43
_ADMIN = "/_synapse/admin/v1"
_UNLIMITED = {"per_second": 100_000, "burst_count": 100_000}


@dataclass(frozen=True, slots=True)
class Account:
    """A person's or bot's account, logged in."""

    user_id: str
    device_id: str
    access_token: str = field(repr=False)
    password: str = field(repr=False)


class Homeserver(Server):
    """Synapse with open limits, without federation, presence or any request to elsewhere.

    `config` overrides keys of homeserver.yaml, e.g. `{"rc_message": {"per_second": 5,
    "burst_count": 5}}`.
    """

    name = "synapse"
    imports: Sequence[str] = ("simulation.synapse_imports",)

    def __init__(
        self,
        folder: Path,
        server_name: str = "conference.localhost",
        config: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(folder)
        self.server_name = server_name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._admin: Account | None = None
        settings = _config(folder, server_name, self.port) | dict(config or {})
        # JSON is YAML.
        (folder / "homeserver.yaml").write_text(json.dumps(settings, indent=1))

    def _command(self) -> Sequence[str]:
        return [sys.executable, "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]

    async def _is_ready(self) -> bool:
        try:
            async with (
                ClientSession(timeout=ClientTimeout(2)) as http,
                http.get(f"{self.url}/_matrix/client/versions") as response,
            ):
                return response.status == 200
        except (ClientError, TimeoutError):
            return False

    async def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str = ""
    ) -> dict[str, Any]:
        """One request, with somebody's access token or without any.

        Raises `ServerError` where it is refused, or nobody answers.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with (
                ClientSession(timeout=ClientTimeout(30)) as http,
                http.request(method, self.url + path, json=body, headers=headers) as response,
            ):
                answer: dict[str, Any] = await response.json()
        except (ClientError, TimeoutError) as err:
            raise ServerError(f"{self.name} does not answer: {err}\n{self.log_tail()}") from err
        if response.status != 200:
            raise ServerError(f"{method} {path}: {response.status} {answer.get('error')}")
        return answer

    async def register(self, user: str, password: str = "demo", *, admin: bool = False) -> Account:
        """Make the account `@user:server_name`, logged in; `ServerError` when it exists already."""
        path = f"{_ADMIN}/register"
        nonce = (await self.request("GET", path))["nonce"]
        role = "admin" if admin else "notadmin"
        signed = f"{nonce}\0{user}\0{password}\0{role}".encode()
        body = {
            "nonce": nonce,
            "username": user,
            "password": password,
            "admin": admin,
            "mac": hmac.new(_SECRET.encode(), signed, hashlib.sha1).hexdigest(),
        }
        made = await self.request("POST", path, body)
        return Account(made["user_id"], made["device_id"], made["access_token"], password)

    async def override_ratelimit(self, user_id: str, per_second: int, burst: int) -> None:
        """Limit the messages of one user; `per_second` 0 frees them from every limit."""
        await self.request(
            "POST",
            f"{_ADMIN}/users/{user_id}/override_ratelimit",
            {"messages_per_second": per_second, "burst_count": burst},
            token=(await self._administrator()).access_token,
        )

    async def purge(self, room: str, before: str, *, local_too: bool) -> None:
        """Forget the history of a room before an event; `local_too`: also what people of this
        homeserver said, which is otherwise kept and shown to nobody."""
        token = (await self._administrator()).access_token
        path = f"purge_history/{quote(room, safe='')}/{quote(before, safe='')}"
        wanted = {"delete_local_events": local_too}
        purge = (await self.request("POST", f"{_ADMIN}/{path}", wanted, token))["purge_id"]

        async def is_done() -> bool:
            found = await self.request("GET", f"{_ADMIN}/purge_history_status/{purge}", None, token)
            return bool(found["status"] == "complete")

        await wait_for(is_done, 30, "a purged history")

    async def _administrator(self) -> Account:
        if self._admin is None:
            self._admin = await self.register("homeserver-admin", admin=True)
        return self._admin


def _config(folder: Path, server_name: str, port: int) -> dict[str, Any]:
    unlimited = dict.fromkeys(
        (
            "rc_message",
            "rc_registration",
            "rc_admin_redaction",
            "rc_joins_per_room",
            "rc_room_creation",
            "rc_user_directory",
            "rc_profile",
        ),
        _UNLIMITED,
    )
    grouped = {
        "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), _UNLIMITED),
        "rc_joins": dict.fromkeys(("local", "remote"), _UNLIMITED),
        "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), _UNLIMITED),
    }
    return {
        "server_name": server_name,
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "listeners": [
            {
                "type": "http",
                "port": port,
                "bind_addresses": ["127.0.0.1"],
                # openid: widgets ask who looks at them.
                "resources": [{"names": ["client", "openid"]}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "log_config": _log_config(folder),
        "signing_key": _SIGNING_KEY,
        "macaroon_secret_key": _SECRET,
        "form_secret": _SECRET,
        "registration_shared_secret": _SECRET,
        "report_stats": False,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        # Other servers and application services, which there are none of, are not looked for after
        # each message: that is left to workers that do not run.
        "federation_sender_instances": ["nobody"],
        "notify_appservices_from_worker": "nobody",
        "presence": {"enabled": False},
        "bcrypt_rounds": 4,
        "caches": {
            # Else a restarted client may get an answer that is two minutes old.
            "sync_response_cache_duration": "0s",
            # Else each look into a cache notes its time.
            "expire_caches": False,
        },
        **unlimited,
        **grouped,
    }


def _log_config(folder: Path) -> str:
    path = folder / "log.yaml"
    to_stderr = {"class": "logging.StreamHandler", "formatter": "plain"}
    config = {
        "version": 1,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"console": to_stderr},
        "root": {"level": "WARNING", "handlers": ["console"]},
        "disable_existing_loggers": False,
    }
    path.write_text(json.dumps(config))
    return str(path)
