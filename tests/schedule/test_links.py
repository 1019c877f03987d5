"""Which Matrix room a link leads to, and which links count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.meeting_url import MeetingUrl
from fosdembot.schedule.links import (
    MOST_OF_A_KIND,
    Media,
    media,
    meeting,
    room_address,
    talk_rooms,
)
from fosdembot.schedule.model import MediaLink
from fosdembot.schedule.text import clean


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://matrix.to/#/#main:b.org?web-instance[element.io]=chat.b.org", "#main:b.org"),
        ("https://matrix.to/#/%23main%3Aexample.org", "#main:example.org"),
        ("https://matrix.to/#/!abc:example.org?via=example.org&via=b.org", "!abc:example.org"),
        ("https://matrix.to/#/!abc:example.org/$event?via=b.org", "!abc:example.org"),
        ("https://matrix.to/#/!v12_room-id", "!v12_room-id"),
        ("https://matrix.to/#/#a%2Fb:example.org", "#a/b:example.org"),
        ("https://matrix.to/#/#1.105 (La Fontaine)-x:b.org", "#1.105 (La Fontaine)-x:b.org"),
        ("https://chat.example.org/#/room/#main:example.org", "#main:example.org"),
        ("https://app.element.io/#/room/%23main:example.org?via=x", "#main:example.org"),
        ("https://hydrogen.example.org/#/session/7/room/!abc:example.org", "!abc:example.org"),
        ("element://vector/webapp/#/room/#main:example.org", "#main:example.org"),
        ("matrix:r/main:example.org?action=join", "#main:example.org"),
        ("matrix:roomid/abc:example.org/e/event?via=b.org", "!abc:example.org"),
        ("matrix:r/m%C3%A4in:example.org:8448", "#mäin:example.org:8448"),
        (" #main:example.org ", "#main:example.org"),
        ("https://matrix.to/#/@ada:example.org", None),
        ("matrix:u/ada:example.org", None),
        ("https://matrix.to/#/#no-server", None),
        ("https://matrix.to/#/", None),
        ("https://example.org/#/about", None),
        ("https://example.org/room/#main", None),
        ("irc://example.org/#main", None),
        ("#" + "a" * 250 + ":example.org", None),
        ("#" + "ä" * 150 + ":example.org", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_room_of_a_link(url: str, address: str | None) -> None:
    assert room_address(url) == address


@given(st.text(max_size=100))
def test_an_address_is_always_a_room(text: str) -> None:
    for url in (text, f"https://matrix.to/#/{text}", f"matrix:r/{text}", f"x:/#/room/{text}"):
        address = room_address(url)
        if address is not None:
            assert address[0] in "#!"
            assert len(address.encode()) <= 255
            assert clean(address, 255) == address


def matrix_to(name: str) -> str:
    return f"https://matrix.to/#/#{name}:example.org"


def test_the_label_decides() -> None:
    links = [
        ("My team's room", matrix_to("team")),
        ("Chatroom", matrix_to("stand")),
        ("Our chat room", matrix_to("ours")),
        ("Hallway CHAT room (app)", matrix_to("hallway")),
        ("Hallway chat room (web)", matrix_to("later")),
        ("CHAT  Room(web)", matrix_to("talk")),
        ("Chat room (app)", matrix_to("later")),
    ]
    assert talk_rooms(links) == ("#talk:example.org", "#hallway:example.org", False)


def test_a_label_that_leads_astray_is_told_only_where_no_other_helps() -> None:
    lost, found = ("Chat room", "irc://example.org/talk"), ("Chat room", matrix_to("talk"))
    assert talk_rooms([lost]) == (None, None, True)
    assert talk_rooms([lost, found]) == ("#talk:example.org", None, False)
    assert talk_rooms([found, lost]) == ("#talk:example.org", None, False)
    assert talk_rooms([]) == (None, None, False)


@pytest.mark.parametrize(
    "label", ["Jitsi", "JITSI (speakers)", " jitsi: backstage", "Jitsi\u00a0Meet"]
)
def test_a_link_labelled_jitsi_is_the_meeting(label: str) -> None:
    links = [("Chat room", matrix_to("talk")), (label, "https://Meet.example.org/Kernel?lang=fr")]
    assert meeting(links) == "https://meet.example.org/kernel"


@pytest.mark.parametrize("label", ["", "My Jitsi", "Jitsirama", "Meeting", "Video"])
def test_no_other_link_is_one(label: str) -> None:
    assert meeting([(label, "https://meet.example.org/kernel")]) is None


def test_the_first_meeting_that_can_be_read_counts() -> None:
    secret = ("Jitsi", "https://meet.example.org/kernel?jwt=hush")
    none = ("Jitsi", "https://meet.example.org/")
    good = ("Jitsi", "https://meet.example.org/kernel")
    later = ("Jitsi", "https://meet.example.org/later")
    assert meeting([secret]) is None, "schedules are public, so is the token in them"
    assert meeting([none]) is None
    assert meeting([secret, none, good, later]) == "https://meet.example.org/kernel"


@given(st.text(max_size=100))
def test_an_address_of_a_meeting_is_always_one(text: str) -> None:
    for url in (text, f"https://{text}", f"https://meet.example.org/{text}"):
        found = meeting([("Jitsi", url)])
        assert found is None or str(MeetingUrl.parse(found)) == found


def kinds(label: str, url: str = "https://video.example.org/a") -> list[str]:
    """As what a link with this label is read."""
    found = media([(label, url)])
    links = {"recording": found.recordings, "subtitles": found.subtitles, "slides": found.slides}
    return [kind for kind, those in links.items() if those]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Video recording (AV1/WebM; preferred) - 64.9 MB", "recording"),
        ("Video recording (MP4; for legacy systems) - 1.1 GB", "recording"),
        ("Video recording (WebM/VP9)", "recording"),
        (" RECORDING ", "recording"),
        ("Audio recording", "recording"),
        ("Recording: PeerTube", "recording"),
        ("Video recording subtitle file (VTT)", "subtitles"),
        ("Subtitles (English)", "subtitles"),
        ("Captions - nl", "subtitles"),
        ("Slides", "slides"),
        ("Slides (PDF)", "slides"),
        ("Presentation slides", "slides"),
        ("slides of the presentation", "slides"),
        ("Slide deck", "slides"),
    ],
)
def test_the_label_says_what_there_is_to_watch_and_read(label: str, kind: str) -> None:
    assert kinds(label) == [kind]


@pytest.mark.parametrize(
    "label",
    [
        "",
        "Video",
        "Demo video",
        "Recording of an earlier version",
        "Write the Docs 2020 recording",
        "Subtitles editor in C++",
        "Adaptyst Analyser demo (extended version with subtitles)",
        "Slides source",
        "slides of the graduate course (1/3)",
    ],
)
def test_what_a_speaker_mentions_is_not_the_talks_recording(label: str) -> None:
    assert kinds(label) == []


def test_media_keep_label_and_order_and_are_bounded() -> None:
    links = [("Recording", f"https://a.example/{n % 15}") for n in range(30)]
    found = media([("Slides " + "(x)" * 100, "HTTPS://a.example/s"), *links]).recordings
    assert found == tuple(MediaLink("Recording", f"https://a.example/{n}") for n in range(10))
    assert len(found) == MOST_OF_A_KIND
    [slides] = media([("Slides " + "(x)" * 100, "HTTPS://a.example/s")]).slides
    assert (len(slides.label), slides.url) == (100, "HTTPS://a.example/s")


@pytest.mark.parametrize(
    "url", ["", "tba", "javascript:alert(1)", "/media/a.webm", "ftp://a/b", "https://" + "a" * 2000]
)
def test_only_web_addresses_are_media(url: str) -> None:
    assert media([("Recording", url)]) == Media(astray=True)
    assert media([("Subtitles", url)]) == Media(astray=True)
    # Those were never meant to be watched; frab of old published them as paths.
    assert media([("Slides", url)]) == Media()
