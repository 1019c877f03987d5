"""The address of a meeting, as people type it."""

from __future__ import annotations

import pytest

from fosdembot.meeting_url import Fault, MeetingUrl, NotAMeeting


@pytest.mark.parametrize(
    ("url", "meeting"),
    [
        ("https://meet.example.org/Kernel", MeetingUrl("meet.example.org", "kernel")),
        (" https://MEET.example.org/kernel/ ", MeetingUrl("meet.example.org", "kernel")),
        ("https://meet.example.org:443/kernel", MeetingUrl("meet.example.org", "kernel")),
        ("https://meet.example.org:8443/kernel", MeetingUrl("meet.example.org:8443", "kernel")),
        ("https://meet.example.org/t-1/kernel", MeetingUrl("meet.example.org", "kernel", "t-1")),
        (
            "https://meet.example.org/kernel?lang=fr#config.startMuted=true",
            MeetingUrl("meet.example.org", "kernel"),
        ),
        ("https://meet.example.org/caf%C3%A9%20noir", MeetingUrl("meet.example.org", "café noir")),
        ("https://meet.example.org/" + "я" * 160, MeetingUrl("meet.example.org", "я" * 160)),
    ],
)
def test_a_meeting_is_a_host_and_a_room(url: str, meeting: MeetingUrl) -> None:
    assert MeetingUrl.parse(url) == meeting
    assert MeetingUrl.parse(str(meeting)) == meeting


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", Fault.NO_URL),
        ("kernel", Fault.NO_URL),
        ("meet.example.org/kernel", Fault.NO_URL),
        ("https://meet.example.org/two words", Fault.NO_URL),
        ("https://meet.example.org/a\nb", Fault.NO_URL),
        ("https://meet_example/kernel", Fault.NO_URL),
        ("https://meet.example.org:99999/kernel", Fault.NO_URL),
        ("https://[::1/kernel", Fault.NO_URL),
        ("https://meet.example.org/" + "a" * 1000, Fault.TOO_LONG),
        ("https://meet.example.org/" + "я" * 170, Fault.TOO_LONG),
        (
            "https://meet.example.org/" + "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 20,
            Fault.TOO_LONG,
        ),
        ("http://meet.example.org/kernel", Fault.NOT_HTTPS),
        ("javascript://meet.example.org/kernel", Fault.NOT_HTTPS),
        ("https://meet.example.org", Fault.NO_ROOM),
        ("https://meet.example.org/", Fault.NO_ROOM),
        ("https://meet.example.org/a/b/c", Fault.NO_ROOM),
        ("https://meet.example.org/a%2Fb", Fault.NO_ROOM),
        ("https://meet.example.org/a%00b", Fault.NO_ROOM),
        ("https://meet.example.org/a@b", Fault.NO_ROOM),
        ("https://meet.example.org/kernel?jwt=hush", Fault.SECRET),
        ("https://meet.example.org/kernel#jwt=hush", Fault.SECRET),
        ("https://meet.example.org/kernel?lang=fr&JWT=hush", Fault.SECRET),
        ("https://meet.example.org/kernel?jwt=hush" + "a" * 900, Fault.SECRET),
        ("kernel?token=hush", Fault.SECRET),
        ("https://me:hush@meet.example.org/kernel", Fault.SECRET),
    ],
)
def test_what_is_wrong_is_named_and_nothing_of_it_is_repeated(url: str, fault: Fault) -> None:
    with pytest.raises(NotAMeeting) as caught:
        MeetingUrl.parse(url)
    assert caught.value.fault is fault
    assert "hush" not in str(caught.value)


def test_the_address_is_one_that_a_browser_takes() -> None:
    assert str(MeetingUrl("meet.example.org", "café noir", "t")) == (
        "https://meet.example.org/t/caf%C3%A9%20noir"
    )


@pytest.mark.parametrize(
    ("url", "node"),
    [
        ("https://meet.example.org/Kernel", "kernel"),
        ("https://meet.example.org/Kernel-1_(a)", "kernel-1_(a)"),
        ("https://meet.example.org/Caf%C3%89%20noir", "caf%c3%a9%20noir"),
        # Letters that only look different are one.
        ("https://meet.example.org/%EF%BC%AB", "k"),
    ],
)
def test_servers_call_rooms_as_the_app_does(url: str, node: str) -> None:
    assert MeetingUrl.parse(url).node == node


@pytest.mark.parametrize("room", ["a%EF%BC%9Fb", "a%E2%84%80b", "a%EF%BC%A0b"])
def test_what_becomes_a_mark_of_addresses_is_no_room(room: str) -> None:
    # A full-width question mark, "a/c" as one character, a full-width @.
    with pytest.raises(NotAMeeting) as caught:
        MeetingUrl.parse(f"https://meet.example.org/{room}")
    assert caught.value.fault is Fault.NO_ROOM
