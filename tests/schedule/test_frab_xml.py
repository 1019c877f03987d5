"""What only XML has: dialects, characters it forbids, entities, bad documents."""

from __future__ import annotations

import pytest

from fosdembot.schedule.model import ScheduleError
from fosdembot.settings import ScheduleSettings

from .samples import BRUSSELS, frab, read_all, read_one, talk

HEAD = "<schedule><conference><title>C</title></conference>"
EVENT = "<event id='7'><start>10:00</start><duration>00:30</duration><title>T</title>"


def refusal(text: str | bytes, settings: ScheduleSettings = BRUSSELS) -> str:
    with pytest.raises(ScheduleError) as caught:
        read_all(text if isinstance(text, bytes) else text.encode(), settings)
    message = str(caught.value)
    assert message.isprintable()
    assert "read is" in message
    return message


def test_pentabarf_has_events_directly_in_the_day() -> None:
    text = f"{HEAD}<day date='2012-02-04'>{EVENT}<room>Aula</room></event></day></schedule>"
    entry = read_one(text.encode(), BRUSSELS)
    assert (entry.guid, entry.room) == ("id:7", "Aula")


def test_a_room_does_not_leak_into_the_next_day() -> None:
    text = (
        f"{HEAD}<day date='2012-02-04'><room name='A'></room>{EVENT}</event></day>"
        f"<day date='2012-02-05'>{EVENT}</event></day></schedule>"
    )
    assert {entry.room for entry in read_all(text.encode(), BRUSSELS).entries} == {""}


def test_namespaces_and_comments_do_not_matter() -> None:
    document = frab("xml", [talk()]).replace(b"<schedule>", b"<schedule xmlns='urn:x'><!-- a -->")
    assert read_one(document).title == "Tiny kernels"


def test_persons_may_have_parts_and_do_not_lend_them_to_the_talk() -> None:
    person = "<persons><person id='1'><name>Ada</name><slug>ada</slug></person></persons>"
    track = "<track slug='x'>Kernel &amp; <b>more</b> now</track>"
    text = f"{HEAD}<day date='2026-01-31'>{EVENT}{person}{track}</event></day></schedule>"
    entry = read_one(text.encode(), BRUSSELS)
    assert (entry.persons, entry.slug, entry.track) == (("Ada",), "", "Kernel & now")


def test_persons_of_the_whole_conference_belong_to_no_talk() -> None:
    persons = "<persons><person id='1'><name>Ada</name></person></persons>"
    document = frab("xml", [talk()]).replace(b"<day ", persons.encode() + b"<day ")
    assert read_one(document).persons == ()


def test_things_count_only_in_their_place() -> None:
    link = "<link href='https://matrix.to/#/#a:example.org'>Chat room</link>"
    by = "<attachment><person>Eve</person></attachment>"
    inside = f"<recording>{link}</recording><video>{link}<optout>true</optout></video>"
    text = (
        f"{HEAD}<day date='2026-01-31'>{EVENT}<guid>g</guid><id>8</id>{inside}"
        f"<attachments>{by}</attachments></event></day></schedule>"
    )
    entry = read_one(text.encode(), BRUSSELS)
    assert (entry.chat_room, entry.persons, entry.recording_optout) == (None, (), False)
    assert (entry.guid, entry.id) == ("g", "7")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    text = frab("xml", [talk(title="Über Kernel")]).decode()
    document = text.replace("encoding='utf-8'", f"encoding='{encoding}'").encode(encoding)
    assert read_one(document).title == "Über Kernel"


def test_a_byte_order_mark_and_blanks_before_the_document() -> None:
    assert read_one(b"\xef\xbb\xbf" + frab("xml", [talk()])).title == "Tiny kernels"


@pytest.mark.parametrize("forbidden", ["\x06", "\x00", "\x1f", "&#6;", "&#x1F;", "&#0;", "&#x0b;"])
def test_characters_that_xml_forbids_are_taken_out_and_told(forbidden: str) -> None:
    document = frab("xml", [talk()]).replace(b"Tiny kernels", f"Ti{forbidden}ny kernels".encode())
    schedule = read_all(document)
    assert schedule.entries[0].title == "Tiny kernels"
    assert schedule.warnings == ("took out 1 characters that XML does not allow",)


def test_references_that_xml_allows_stay() -> None:
    document = frab("xml", [talk()]).replace(
        b"Tiny kernels", b"&#84;iny&#9;&#x6b;ernels&#10;&#x80;"
    )
    assert read_one(document).title == "Tiny kernels"


def test_a_mistake_beside_a_forbidden_character_is_still_refused() -> None:
    assert "line 2" in refusal(b"<schedule>\x06\n<conference></schedule>")


def test_conflict_markers_are_named_with_their_line() -> None:
    text = "<schedule>\n<conference/>\n<<<<<<< HEAD\n<day/>\n=======\n>>>>>>> abc\n</schedule>"
    assert "line 3, column 2: a merge conflict marker, '<<<<<<< HEAD'" in refusal(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<schedule><day>", "not well-formed at line 1"),
        ("<schedule>&nbsp;</schedule>", "not well-formed at line 1"),
        ("<!DOCTYPE a SYSTEM 'a.dtd'>\n<schedule>&nbsp;</schedule>", "at line 2, column 11"),
        ("<schedule/>", "<schedule>"),
        ("<rss><channel/></rss>", "<rss>, <channel>"),
        ("<events><event id='1'/></events>", "<events>, <event>"),
        ("<schedule><day><entry><start>0930</start></entry></day></schedule>", "<entry>"),
        ("<?xml version='1.0' encoding='klingon'?><schedule/>", "unknown encoding"),
    ],
)
def test_other_documents_are_refused(text: str, found: str) -> None:
    assert found in refusal(text)


@pytest.mark.parametrize(
    "declaration",
    [
        "<!ENTITY a 'ha'>",
        "<!ENTITY a SYSTEM 'file:///etc/passwd'>",
        "<!ENTITY % a SYSTEM 'http://localhost/x'> %a;",
        "<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>",
    ],
)
def test_entities_are_never_expanded(declaration: str) -> None:
    text = f"<!DOCTYPE schedule [{declaration}]><schedule>&b;</schedule>"
    assert "without entities" in refusal(text)


def test_depth_costs_nothing() -> None:
    deep = "<a>" * 200_000 + "</a>" * 200_000
    text = f"{HEAD}<day date='2026-01-31'>{EVENT}{deep}</event></day></schedule>"
    assert read_one(text.encode(), BRUSSELS).title == "T"
