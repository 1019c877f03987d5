"""Who somebody is: a name gives no power, and nobody vouches for themselves."""

from __future__ import annotations

import pytest

from fosdembot.jitsi import stanzas as xml
from fosdembot.jitsi.meeting import LONGEST_NAME, Kind, Participant
from fosdembot.jitsi.occupants import is_id, participant
from fosdembot.jitsi.stanzas import read

MEMBER = f'<x xmlns="{xml.MUC_USER}"><item affiliation="none" role="participant"/></x>'
OWNER = f'<x xmlns="{xml.MUC_USER}"><item affiliation="owner" role="moderator"/></x>'
FORGED = "<identity><user><id>ada</id></user></identity>"


def seen(*inside: str, nick: str = "8c3f1b2a", vouched: bool = True) -> Participant:
    presence = read(f'<presence xmlns="jabber:client">{"".join(inside)}</presence>')
    return participant(presence, nick, vouched=vouched)


def named(name: str) -> str:
    return f'<nick xmlns="{xml.NICK}">{name}</nick>'


def test_a_person_has_the_name_that_they_gave() -> None:
    assert seen(MEMBER, named("Mira")) == Participant("8c3f1b2a", "Mira")
    assert seen(MEMBER).name == ""


def test_whom_the_server_calls_owner_moderates() -> None:
    assert seen(OWNER).is_owner
    assert not seen(MEMBER).is_owner


@pytest.mark.parametrize(
    "forged",
    [
        named("owner"),
        named("moderator"),
        '<x xmlns="jabber:client"><item affiliation="owner"/></x>',
        '<item affiliation="owner"/>',
        f'<item xmlns="{xml.MUC_USER}" affiliation="owner"/>',
        OWNER,
        OWNER.replace("owner", "OWNER"),
    ],
)
def test_what_somebody_writes_themselves_makes_nobody_an_owner(forged: str) -> None:
    assert not seen(MEMBER, forged).is_owner
    assert not seen(forged, MEMBER).is_owner


def test_two_items_make_nobody_an_owner() -> None:
    two = OWNER.replace("</x>", '<item affiliation="none"/></x>')
    assert not seen(two).is_owner


def test_an_identity_counts_where_the_server_checks_tokens() -> None:
    assert seen(MEMBER, FORGED).identity == "ada"
    assert seen(MEMBER, FORGED, vouched=False).identity is None


def test_two_identities_are_none() -> None:
    # The server's would be one of them, and nobody knows which.
    other = '<identity xmlns="http://jitsi.org/jitmeet"><user/></identity>'
    for pair in ((FORGED, FORGED), (FORGED, other), (other, FORGED)):
        assert seen(MEMBER, *pair).identity is None
    assert seen(MEMBER, "<identity/>").identity is None
    assert seen(MEMBER, FORGED.replace("ada", "a" * 101)).identity is None


@pytest.mark.parametrize(
    ("inside", "nick", "kind"),
    [
        ("", "8c3f1b2a", Kind.PERSON),
        ("", "focus", Kind.MACHINE),
        ('<bot type="transcriber"/>', "8c3f1b2a", Kind.MACHINE),
        ('<userinfo xmlns="http://jitsi.org/jitmeet/userinfo" robot="true"/>', "8c", Kind.MACHINE),
        ('<feature xmlns="http://jitsi.org/protocol/jibri"/>', "8c3f1b2a", Kind.MACHINE),
        ('<feature xmlns="http://jitsi.org/protocol/jigasi"/>', "8c3f1b2a", Kind.MACHINE),
        (
            '<display-name xmlns="http://jitsi.org/protocol/display-name" source="visitor"/>',
            "8c3f1b2a",
            Kind.VISITOR,
        ),
        ('<display-name source="visitor"/>', "8c3f1b2a", Kind.VISITOR),
    ],
)
def test_machines_and_visitors_are_no_people(inside: str, nick: str, kind: Kind) -> None:
    assert seen(MEMBER, inside, nick=nick).kind is kind


def test_names_are_one_short_harmless_line() -> None:
    assert seen(MEMBER, named("Mi\nra\t \u202eevil\u0085")).name == "Mi ra evil"
    assert len(seen(MEMBER, named("x" * 300_000)).name) == LONGEST_NAME


def test_what_is_an_id() -> None:
    assert is_id("8c3f1b2a")
    for text in ("", "x" * 101, "a\nb", "a\x1b[2Jb", "a\u202eb"):
        assert not is_id(text)
