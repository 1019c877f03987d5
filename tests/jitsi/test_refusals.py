"""What a no means."""

from __future__ import annotations

import pytest

from fosdembot.jitsi import refusals
from fosdembot.jitsi import stanzas as xml
from fosdembot.jitsi.meeting import Trouble
from fosdembot.jitsi.stanzas import Element, read

ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"


def failure(name: str, said: str = "") -> Element:
    text = f"<text>{said}</text>" if said else ""
    return read(f'<failure xmlns="{xml.SASL}"><{name}/>{text}</failure>')


def join_error(name: str, said: str = "") -> Element:
    text = f'<text xmlns="{xml.STANZAS}">{said}</text>' if said else ""
    error = f'<error type="cancel"><{name} xmlns="{xml.STANZAS}"/>{text}</error>'
    return read(f'<presence xmlns="jabber:client" type="error">{error}</presence>')


def stream_error(name: str) -> Element:
    return read(f'<error xmlns="{xml.STREAMS}"><{name} xmlns="{ERRORS}"/></error>')


def gone(*codes: str, inside: str = "") -> Element:
    said = "".join(f'<status code="{code}"/>' for code in codes)
    about = f'<x xmlns="{xml.MUC_USER}">{inside}{said}</x>'
    return read(f'<presence xmlns="jabber:client" type="unavailable">{about}</presence>')


@pytest.mark.parametrize(
    ("name", "said", "trouble"),
    [
        ("not-allowed", "token required", Trouble.TOKEN_NEEDED),
        ("not-allowed", "Not acceptable by exp", Trouble.TOKEN_REFUSED),
        ("not-allowed", "Not acceptable by nbf", Trouble.TOKEN_REFUSED),
        ("not-allowed", "Room and token mismatched", Trouble.TOKEN_REFUSED),
        ("not-allowed", "Invalid signature", Trouble.TOKEN_REFUSED),
        ("not-allowed", "Invalid audience ('aud' claim)", Trouble.TOKEN_REFUSED),
        ("not-authorized", "", Trouble.REFUSED),
        ("temporary-auth-failure", "The room is closed", Trouble.REFUSED),
    ],
)
def test_at_the_log_in(name: str, said: str, trouble: Trouble) -> None:
    assert refusals.of_log_in(failure(name, said)).trouble is trouble


@pytest.mark.parametrize(
    ("name", "said", "trouble"),
    [
        ("not-allowed", "Room creation is restricted", Trouble.NOT_STARTED),
        ("item-not-found", "", Trouble.NOT_STARTED),
        ("not-allowed", "Room and token mismatched", Trouble.TOKEN_REFUSED),
        ("not-allowed", "token required", Trouble.TOKEN_NEEDED),
        ("registration-required", "", Trouble.MEMBERS_ONLY),
        ("not-authorized", "", Trouble.PASSWORD_NEEDED),
        ("conflict", "", Trouble.AWAY),
        ("forbidden", "", Trouble.REFUSED),
        ("service-unavailable", "", Trouble.WRONG_NAMES),
        ("remote-server-not-found", "", Trouble.WRONG_NAMES),
        ("not-allowed", "Communication with remote domains is not enabled", Trouble.WRONG_NAMES),
        ("not-acceptable", "", Trouble.REFUSED),
    ],
)
def test_at_the_door(name: str, said: str, trouble: Trouble) -> None:
    assert refusals.of_join(join_error(name, said)).trouble is trouble


def test_an_error_without_words_is_a_refusal() -> None:
    empty = read('<presence xmlns="jabber:client" type="error"/>')
    assert refusals.of_join(empty).trouble is Trouble.REFUSED


@pytest.mark.parametrize(
    ("presence", "trouble"),
    [
        (gone("110", "307"), Trouble.KICKED),
        (gone("110", "301"), Trouble.KICKED),
        # A fault of the connection looks like a kick to some.
        (gone("110", "307", "333"), Trouble.AWAY),
        (gone("110", "321"), Trouble.MEMBERS_ONLY),
        (gone("110", "322"), Trouble.MEMBERS_ONLY),
        (gone("110", "332"), Trouble.AWAY),
        (gone("110"), Trouble.AWAY),
        (gone("110", inside="<destroy/>"), Trouble.NOT_STARTED),
        (read('<presence xmlns="jabber:client" type="unavailable"/>'), Trouble.AWAY),
    ],
)
def test_once_inside(presence: Element, trouble: Trouble) -> None:
    assert refusals.of_leave(presence).trouble is trouble


@pytest.mark.parametrize(
    ("element", "trouble"),
    [
        (stream_error("host-unknown"), Trouble.WRONG_NAMES),
        (stream_error("see-other-host"), Trouble.REFUSED),
        (stream_error("policy-violation"), Trouble.REFUSED),
        (stream_error("system-shutdown"), Trouble.AWAY),
        (read(f'<close xmlns="{xml.FRAMING}"/>'), Trouble.AWAY),
        (
            read(f'<close xmlns="{xml.FRAMING}" see-other-uri="wss://evil.example/"/>'),
            Trouble.REFUSED,
        ),
    ],
)
def test_of_the_connection(element: Element, trouble: Trouble) -> None:
    lost = refusals.of_stream(element)
    assert lost is not None
    assert lost.trouble is trouble
    assert "evil" not in str(lost)


def test_what_is_no_end_is_none() -> None:
    assert refusals.of_stream(read('<message xmlns="jabber:client"/>')) is None
    assert refusals.of_stream(read('<close xmlns="jabber:client"/>')) is None


def test_words_of_a_server_are_one_short_harmless_line() -> None:
    said = refusals.of_join(join_error("forbidden", "a\nb\u0085" + "c" * 10_000)).detail
    assert len(said) == 200
    assert said.startswith("a b\ufffdc")
