"""Tokens: what is in them, and that nobody sees them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from fosdembot.jitsi.meeting import MeetingError, Trouble
from fosdembot.jitsi.tokens import is_vouched, token_for
from fosdembot.meeting_url import MeetingUrl
from fosdembot.setting_sections import JitsiServer

SECRET = "a secret of at least thirty-two bytes"
NOW = datetime.now(UTC)
HALL = MeetingUrl.parse("https://meet.example.org/Hall")
MAKES = JitsiServer.model_validate({"app_id": "fosdem", "app_secret": SECRET})


def read(token: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(token, SECRET, algorithms=["HS256"], audience="fosdem")
    return claims


def test_a_token_lets_into_one_meeting() -> None:
    claims = read(token_for(MAKES, HALL, "meet.jitsi", "Questions", NOW))
    assert {name: claims[name] for name in ("iss", "sub", "room")} == {
        "iss": "fosdem",
        "sub": "meet.jitsi",
        "room": "hall",
    }
    # Not in the recording.
    user = {"name": "Questions", "hidden-from-recorder": True}
    assert claims["context"] == {"user": user}


def test_a_token_names_its_tenant() -> None:
    meeting = MeetingUrl.parse("https://meet.example.org/customer/hall")
    assert read(token_for(MAKES, meeting, "meet.jitsi", "Questions", NOW))["sub"] == "customer"


def test_a_token_holds_for_two_hours() -> None:
    token = token_for(MAKES, HALL, "meet.jitsi", "Questions", NOW - timedelta(hours=2, seconds=1))
    with pytest.raises(jwt.ExpiredSignatureError):
        read(token)
    # For servers whose clocks are behind.
    read(token_for(MAKES, HALL, "meet.jitsi", "Questions", NOW + timedelta(seconds=55)))


def test_a_given_token_is_taken_as_it_is() -> None:
    server = JitsiServer.model_validate({"token": "ey.given"})
    assert token_for(server, HALL, "meet.jitsi", "Questions", NOW) == "ey.given"
    assert token_for(JitsiServer(), HALL, "meet.jitsi", "Questions", NOW) == ""


@pytest.mark.parametrize("secret", ["", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"])
def test_a_secret_that_is_none_is_named_and_not_repeated(secret: str) -> None:
    server = JitsiServer.model_validate({"app_id": "fosdem", "app_secret": secret})
    with pytest.raises(MeetingError) as caught:
        token_for(server, HALL, "meet.jitsi", "Questions", NOW)
    assert (caught.value.trouble, caught.value.detail) == (Trouble.TOKEN_REFUSED, "app_secret")


def test_a_short_secret_is_taken_without_a_word(recwarn: pytest.WarningsRecorder) -> None:
    server = JitsiServer.model_validate({"app_id": "fosdem", "app_secret": "my_jitsi_app_secret"})
    assert token_for(server, HALL, "meet.jitsi", "Questions", NOW)
    assert not recwarn


def test_secrets_are_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = JitsiServer.model_validate(
        {"app_id": "fosdem", "app_secret": SECRET, "token": "ey.given"}
    )
    token = token_for(server, HALL, "meet.jitsi", "Questions", NOW)
    shown = f"{server!r} {server} {server.model_dump()} {caplog.text}"
    assert not any(secret in shown for secret in (SECRET, "ey.given", token))


def test_only_a_server_that_asks_for_tokens_vouches_for_people() -> None:
    assert is_vouched(MAKES)
    assert is_vouched(JitsiServer.model_validate({"token": "ey.given"}))
    assert not is_vouched(JitsiServer())
