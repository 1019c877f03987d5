"""The pages hold everything once, in order, and nothing that runs, loads or breaks out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from fosdembot.transcripts import html
from fosdembot.transcripts.model import Gap, Line, Privacy, Quote, Transcript

from . import rich
from .samples import answer, at, message, question, talk, transcript


def pages(folder: Path, model: Transcript, lines: Iterable[Line] = ()) -> list[Element]:
    """All pages, as a strict parser reads them; a hundred lines on each."""
    html.write(folder, model, lines, length=100)
    names = ["index.html", *(f"page-{number}.html" for number in range(2, 100))]
    files = [folder / name for name in names if (folder / name).exists()]
    assert len(files) == len(list(folder.iterdir()))
    return [parsed(file.read_text()) for file in files]


def page(folder: Path, model: Transcript, lines: Iterable[Line] = ()) -> Element:
    [only] = pages(folder, model, lines)
    return only


def parsed(text: str) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    document = parser.parse(text)
    assert isinstance(document, Element)
    return document


def texts(element: Element, tag: str = "li", of: str = "m") -> list[str]:
    return [said(found) for found in found_by(element, tag, of)]


def found_by(element: Element, tag: str, of: str) -> list[Element]:
    return [e for e in element.iter(tag) if of in (e.get("class") or "").split()]


def said(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_the_head_says_which_talk_it_was(tmp_path: Path) -> None:
    document = page(tmp_path, rich.rich(), rich.LINES)
    head = said(next(document.iter("header")))
    for part in (
        "Test Conf 2026",
        "Tiny kernels",
        "What is left when everything is taken away",
        "Ada L., Grace H.",
        "Sun 1 Feb 2026, 10:00 to 10:30",
        "10:00 to 10:32",
        "Europe/Brussels",
        "#kernel:example.org",
        "4 questions, 3 of them answered · 14 messages · 9 people wrote, 4 asked, 21 voted",
    ):
        assert part in head
    links = {a.get("href") for a in next(document.iter("header")).iter("a")}
    assert {rich.RECORDING, "https://example.org/slides.pdf"} <= links
    assert said(next(document.iter("footer"))).startswith(
        "To have something removed, write to privacy@example.org."
    )


def test_a_question_says_what_became_of_it(tmp_path: Path) -> None:
    document = page(tmp_path, rich.rich(), rich.LINES)
    assert texts(document, of="question") == [
        (
            "17 votes 12 How small can a kernel get before it stops being one? Answered in the talk"
            " Asked by Lena at 10:05 (minute 6), taken up at 10:21 (minute 22)"
            " In the recording at 0:21:03 In the chat"
            " Automatic transcript of the answer (match 93 of 100)"
            f" {rich.QUESTIONS[0].spoken.quote if rich.QUESTIONS[0].spoken else ''}"
            " Also asked 16 What is the smallest one that boots? (Tomás)"
        ),
        (
            "9 votes 14 Does it boot on real hardware, or only in an emulator? Answered in the talk"
            " Asked by Søren at 10:12 (minute 13), taken up at 10:23 (minute 24)"
            " In the recording at 0:23:11 In the chat Ada L., in writing after the talk, 10:55"
            " On three boards so far. The list, with what is missing on each:"
            " https://example.org/boards Patches are welcome."
        ),
        (
            "8 votes 15 Why C and not Rust? Answered in writing Asked by an attendee"
            " at 10:16 (minute 17) Ada, in writing, 10:28"
            " Because we started in 1998. New parts are in Rust."
        ),
        (
            "1 vote 19 Will the slides be published? Not answered yet Asked by Bob"
            " at 10:29 (minute 30) In the chat room"
        ),
    ]


def test_a_question_links_its_second_and_its_message(tmp_path: Path) -> None:
    document = page(tmp_path, rich.rich(), rich.LINES)
    anchors = {e.get("id") for e in document.iter("li")}
    first, second, _, last = found_by(document, "li", "question")
    links = [a.get("href") or "" for a in first.iter("a")]
    assert links[1] == f"{rich.RECORDING}#t=1263"
    assert links[2].removeprefix("#") in anchors
    assert [a.get("href") for a in last.iter("a")][1:] == [
        "https://matrix.to/#/%23kernel%3Aexample.org/%24question19"
    ]
    assert said(second).count("Automatic transcript") == 0


def test_a_nameless_question_links_no_message_that_says_whose_it_is(tmp_path: Path) -> None:
    document = page(tmp_path, transcript([question(12, asker="", event="$x")]))
    [asked] = found_by(document, "li", "question")
    assert [a.get("href") for a in asked.iter("a")] == ["#question-12"]


def test_a_written_answer_from_after_the_talk_corrects_the_automatic_one(tmp_path: Path) -> None:
    spoken = rich.QUESTIONS[0].spoken
    for minute, shown in ((25, 1), (35, 0)):
        asked = question(12, spoken=spoken, answers=(answer("No", at=at(minute)),))
        document = page(tmp_path, transcript([asked]))
        assert said(document).count("Automatic transcript of the answer") == shown


def test_the_chat_is_as_it_was(tmp_path: Path) -> None:
    document = page(tmp_path, rich.rich(), rich.LINES)
    [chat] = found_by(document, "ol", "chat")
    assert [said(item) for item in chat] == [
        "Sun 1 Feb 2026",
        'Conference bot bot 09:50 Starting at 10:00: "Tiny kernels"',
        "Bob 09:57 Good morning from the second row!",
        "Lena 10:05 question 12 !ask How small can a kernel get before it stops being one? 👍 3",
        (
            "Grace H. 10:07 This is how we measured it:size vmlinuz | awk '{ print $4 }'"
            "without driverswith virtio 🎉 1 ❤️ 2"
            " Tomás 10:08 Is that with or without the symbol table?"
            " Grace H. 10:09 edited Without. It would be four times as large."
        ),
        "Søren 10:12 question 14 !ask Does it boot on real hardware, or only in an emulator?",
        (
            "Amélie 10:13 in reply to Søren: Does it boot on real hardware, or only in an emulator?"
            " I have seen it on a board in the hallway"
        ),
        "Grace H. 10:15 Poll Which part should shrink next? The scheduler 11 Memory 4",
        "Amélie 10:17 Image: board.jpg (image/jpeg, 183 kB)",
        "Bob 10:18 * Bob waves at the speakers",
        "דנה 10:19 שלום, זה נפלא",
        "After 10:19 a part of the chat is missing: the homeserver did not answer",
        "Eve 10:24 A message that cannot be read",
        "Ada L. 10:31 Thank you, see https://example.org/kernels for more. 👏 8",
    ]
    assert len(found_by(document, "li", "bot")) == 1


def test_a_thread_stands_below_what_it_began_with(tmp_path: Path) -> None:
    document = page(tmp_path, rich.rich(), rich.LINES)
    [thread] = found_by(document, "ol", "thread")
    root = next(li for li in found_by(document, "li", "m") if thread in list(li))
    assert said(root).startswith("Grace H. 10:07")
    assert len(thread) == 2


def test_a_thread_that_began_elsewhere_says_so(tmp_path: Path) -> None:
    lines = (message("a", "one"), message("b", "two", thread="$x"), message("c", "three"))
    [chat] = found_by(page(tmp_path, transcript(), lines), "ol", "chat")
    assert [said(item) for item in chat][1:] == [
        "Bob 10:02 one",
        "A thread goes on Bob 10:02 two",
        "Bob 10:02 three",
    ]


def test_a_reply_to_what_is_not_there_links_nothing(tmp_path: Path) -> None:
    lines = (
        message("a", "one", reply_to=Quote(id="$gone")),
        message("b", "two", reply_to=Quote(id="$before", name="Carol", text="before")),
    )
    document = page(tmp_path, transcript(), lines)
    assert texts(document) == [
        "Bob 10:02 in reply to a message that is not here one",
        "Bob 10:02 in reply to Carol: before two",
    ]


@pytest.mark.parametrize("rule", ["kept", "none"])
def test_a_chat_that_is_not_published_is_on_no_page(tmp_path: Path, rule: str) -> None:
    privacy = Privacy.model_validate({"contact": "privacy@example.org", "chat": rule})
    document = page(tmp_path, rich.rich(privacy=privacy), rich.LINES)
    assert "The chat of this talk is not published." in said(document)
    assert found_by(document, "li", "m") == []
    assert "second row" not in said(document)
    # But one can go to where it was asked.
    assert "https://matrix.to/#/%23kernel%3Aexample.org/%24question12" in {
        a.get("href") for a in document.iter("a")
    }


def test_a_long_chat_has_pages_that_are_linked(tmp_path: Path) -> None:
    count = 260
    asked = question(12, event="$n250")
    documents = pages(tmp_path, transcript([asked]), rich.many(count))
    lines = [texts(document) for document in documents]
    # A thread is not parted for a few lines.
    assert [len(of) for of in lines] == [103, 100, 57]
    ids = [f"word{n}" for n in range(count)]
    shown = [
        said(found_by(li, "div", "text")[0]) for d in documents for li in found_by(d, "li", "m")
    ]
    assert shown == ids
    names = ["index.html", "page-2.html", "page-3.html"]
    anchors = {
        f"{name}#{e.get('id')}"
        for name, document in zip(names, documents, strict=True)
        for e in document.iter()
        if e.get("id")
    }
    for name, document in zip(names, documents, strict=True):
        for a in document.iter("a"):
            href = a.get("href") or ""
            if href.startswith(("#", "index.html", "page-")):
                target = f"{name}{href}" if href.startswith("#") else href
                assert target in anchors | set(names)
        assert len(found_by(document, "nav", "pages")) == (1 if name == "index.html" else 2)
    # To replies on earlier pages as well, and from the question to its message.
    assert any("page-3.html#m" in (a.get("href") or "") for a in documents[0].iter("a"))
    assert any("index.html#m" in (a.get("href") or "") for a in documents[2].iter("a"))


def test_a_thread_that_is_parted_goes_on(tmp_path: Path) -> None:
    lines = [message("root", "r"), *(message(f"t{n}", "t", thread="$root") for n in range(160))]
    documents = pages(tmp_path, transcript(), lines)
    assert [len(texts(document)) for document in documents] == [150, 11]
    assert "A thread goes on" in said(documents[1])


def test_each_page_refuses_everything_but_its_own_style(tmp_path: Path) -> None:
    for document in pages(tmp_path, rich.rich(), rich.many(110)):
        [policy] = [
            meta.get("content") or ""
            for meta in document.iter("meta")
            if meta.get("http-equiv") == "Content-Security-Policy"
        ]
        assert re.fullmatch(
            "default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; "
            "form-action 'none'",
            policy,
        )
        assert {e.tag for e in document.iter()}.isdisjoint({"script", "img", "link", "iframe"})
        assert not any(e.get("style") or e.get("src") for e in document.iter())


def test_search_engines_are_kept_off_unless_the_organiser_says_otherwise(tmp_path: Path) -> None:
    assert '<meta name="robots" content="noindex">' in _source(tmp_path, indexed=False)
    source = _source(tmp_path, indexed=True)
    assert "noindex" not in source
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', source)
    video = json.loads(data)
    assert video["@type"] == "VideoObject"
    assert video["contentUrl"] == rich.RECORDING
    assert [(clip["name"], clip["startOffset"]) for clip in video["hasPart"]] == [
        ("How small can a kernel get before it stops being one?", 1263),
        ("Does it boot on real hardware, or only in an emulator?", 1391),
    ]


def _source(folder: Path, indexed: bool) -> str:
    privacy = Privacy(contact="privacy@example.org", chat="published", indexed=indexed)
    html.write(folder, rich.rich(privacy=privacy), rich.LINES)
    return (folder / "index.html").read_text()


@pytest.mark.parametrize(
    ("outcome", "told"),
    [("cancelled", "This talk was cancelled."), ("no_show", "This talk did not take place")],
)
def test_a_talk_that_was_not_held_says_so(tmp_path: Path, outcome: str, told: str) -> None:
    assert told in said(page(tmp_path, transcript(talk=talk(outcome=outcome))))


def test_nothing_asked_and_nothing_said(tmp_path: Path) -> None:
    document = page(tmp_path, transcript())
    assert "Nobody asked anything." in said(document)
    assert "Nobody wrote anything." in said(document)


def test_a_chat_of_one_gap(tmp_path: Path) -> None:
    document = page(tmp_path, transcript(), [Gap(after=None, why="it was encrypted")])
    assert "Here a part of the chat is missing: it was encrypted" in said(document)


@pytest.mark.parametrize(
    ("contact", "links"),
    [
        ("https://example.org/privacy", ["https://example.org/privacy"]),
        ("a@example.org", ["mailto:a@example.org"]),
        ("the desk", []),
    ],
)
def test_whom_to_write_to(tmp_path: Path, contact: str, links: list[str]) -> None:
    privacy = Privacy(contact=contact, chat="none")
    footer = next(page(tmp_path, transcript(privacy=privacy)).iter("footer"))
    assert f"write to {contact}." in said(footer)
    assert [a.get("href") for a in footer.iter("a")] == links


def test_nothing_that_others_chose_breaks_out(tmp_path: Path) -> None:
    documents = pages(tmp_path, rich.hostile(), rich.hostile_lines())
    for document in documents:
        tags = {e.tag for e in document.iter()}
        assert tags.isdisjoint({"img", "iframe", "form", "input", "svg", "math", "object", "link"})
        assert len(list(document.iter("h1"))) == len(list(document.iter("style"))) == 1
        ids = [found for e in document.iter() if (found := e.get("id"))]
        assert len(ids) == len(set(ids))
        for element in document.iter():
            assert not any(name.startswith("on") for name in element.attrib)
            assert _leads_where_it_may(element.get("href"))
        assert not set(said(document)) & set("\u202e\u2066\x00\x1b\x0b\x7f\ufffe")
    first, *others = documents
    [script] = first.iter("script")
    assert script.get("type") == "application/ld+json"
    assert json.loads("".join(script.itertext()))["name"] == rich.NASTY[0]
    assert "{{ 7 * 7 }}" in said(first)
    assert not any(list(document.iter("script")) for document in others)


def _leads_where_it_may(href: str | None) -> bool:
    places = (
        "https://",
        "#",
        "mailto:",
        "transcript.txt",
        "questions.csv",
        "chapters.txt",
        "index.html",
        "page-",
    )
    return href is None or href.startswith(places)
