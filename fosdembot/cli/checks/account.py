"""The account: whether it is logged in, and the right one."""

from __future__ import annotations

from fosdembot.cli.checks.findings import Finding
from fosdembot.matrix.api import Api, MatrixError
from fosdembot.texts.render import clean

LOGGED_OUT = "logged out; fosdembot init logs it in again"


async def account_finding(api: Api, user_id: str) -> Finding:
    try:
        who = await api.whoami()
    except MatrixError as err:
        if err.status != 401:
            raise
        return Finding("account", LOGGED_OUT, False)
    if who["user_id"] != user_id:
        text = f"the token is that of {clean(str(who['user_id']), 255)}; see user.credentials"
        return Finding("account", text, False)
    device = clean(str(who.get("device_id", "")), 100)
    return Finding("account", f"{clean(user_id, 255)}, device {device}")
