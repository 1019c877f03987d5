"""A transcript with something of everything, as it may well be, and a hostile one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from fosdembot.transcripts.model import (
    Answer,
    File,
    Gap,
    Line,
    Link,
    Links,
    Merged,
    Message,
    People,
    PollOption,
    Privacy,
    Question,
    Quote,
    Reaction,
    Span,
    Spoken,
    Transcript,
)

from .samples import answer, at, message, question, talk, transcript

RECORDING = "https://video.example.org/2026/tiny-kernels.mp4"


def _spoken(second: float, score: float | None, quote: str | None = None) -> Spoken:
    return Spoken(second=second, score=score, quote=quote)


QUESTIONS = (
    question(
        12,
        "How small can a kernel get before it stops being one?",
        votes=17,
        state="answered",
        asker="Lena",
        taken_at=at(21),
        answered_at=at(23),
        spoken=_spoken(
            1263.4,
            93.1,
            "so the smallest one that we have booted is forty two kilobytes and that is without"
            " any driver at all I would say that it stops being a kernel when nothing is left to"
            " schedule",
        ),
        merged=(Merged(number=16, text="What is the smallest one that boots?", asker="Tomás"),),
    ),
    question(
        14,
        "Does it boot on real hardware, or only in an emulator?",
        votes=9,
        state="answered",
        asker="Søren",
        event="$soren",
        asked_at=at(12),
        taken_at=at(23),
        answered_at=at(26),
        spoken=_spoken(1391, None),
        answers=(
            answer(
                "On three boards so far. The list, with what is missing on each:"
                " https://example.org/boards\n\nPatches are welcome.",
                at=at(55),
                author="Ada L.",
            ),
        ),
    ),
    question(
        15,
        "Why C and not Rust?",
        votes=8,
        asker="",
        by=None,
        event=None,
        asked_at=at(16),
        answers=(answer("Because we started in 1998. New parts are in Rust.", at=at(28)),),
    ),
    question(19, "Will the slides be published?", votes=1, asker="Bob", asked_at=at(29)),
)
LINES: tuple[Line, ...] = (
    message("notice", 'Starting at 10:00: "Tiny kernels"', name="Conference bot", is_bot=True,
            type="notice", at=at(-10)),
    message("hello", "Good morning from the second row!", at=at(-3)),
    message("question12", "!ask How small can a kernel get before it stops being one?", name="Lena",
            at=at(5), is_question=True, reactions=(Reaction(key="👍", events=("$1", "$2", "$3")),)),
    message("code", "This is how we measured it:", name="Grace H.", at=at(7),
            html="<p>This is how we <strong>measured</strong> it:</p><pre><code>size vmlinuz | "
            'awk \'{ print $4 }\'</code></pre><ul><li>without drivers</li><li>with <a href="'
            'https://example.org/virtio">virtio</a></li></ul>',
            reactions=(Reaction(key="🎉", events=("$4",)), Reaction(key="❤️", events=("$5", "$6")))),
    message("t1", "Is that with or without the symbol table?", name="Tomás", at=at(8),
            thread="$code"),
    message("t2", "Without. It would be four times as large.", name="Grace H.", at=at(9),
            thread="$code", edited="$t3"),
    message("soren", "!ask Does it boot on real hardware, or only in an emulator?", name="Søren",
            at=at(12), is_question=True),
    message("reply", "I have seen it on a board in the hallway", name="Amélie", at=at(13),
            reply_to=Quote(id="$soren", name="Søren",
                           text="Does it boot on real hardware, or only in an emulator?")),
    message("poll", "Which part should shrink next?", type="poll", at=at(15), name="Grace H.",
            poll=(PollOption(text="The scheduler", votes=11), PollOption(text="Memory", votes=4))),
    message("file", "board.jpg", type="image", at=at(17), name="Amélie",
            file=File(name="board.jpg", mimetype="image/jpeg", bytes=183_220)),
    message("wave", "waves at the speakers", type="emote", at=at(18), name="Bob"),
    message("rtl", "שלום, זה נפלא", at=at(19), name="דנה"),
    Gap(after=at(19), why="the homeserver did not answer"),
    message("unreadable", "", type="unreadable", at=at(24), name="Eve"),
    message("thanks", "Thank you, see https://example.org/kernels for more.", at=at(31),
            name="Ada L.", reactions=(Reaction(key="👏", events=tuple("abcdefgh")),)),
)  # fmt: skip


def rich(**more: Any) -> Transcript:
    given: dict[str, Any] = {
        "talk": talk(
            subtitle="What is left when everything is taken away",
            url="https://example.org/talk/tiny-kernels",
            actual=Span(start=at(0), end=at(32)),
        ),
        "links": Links(
            recordings=(Link(label="Video recording (MP4)", url=RECORDING),),
            subtitles=(
                Link(label="Subtitles (English)", url="https://video.example.org/tiny.vtt"),
            ),
            slides=(Link(label="tiny.pdf", url="https://example.org/slides.pdf"),),
        ),
        "people": People(wrote=9, asked=4, voted=21),
        "messages": 14,
        "recording_offset": 3.4,
    }
    return transcript(QUESTIONS, **(given | more))


NASTY = (
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "\u202eevil\u202c \u2066x",
    "nul\x00 esc\x1b[31m tab\t vt\x0b nel\x85 ls\u2028 del\x7f fffe\ufffe",
    "W" * 10_000,
    "ﷺ" * 50 + "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L",
    "=HYPERLINK(\"https://evil.example\")",
    "--> ]]> <!-- <![CDATA[",
    "&lt;b&gt; &amp; &#x202e;",
    "javascript:alert(1) https://evil.example/\"onclick=alert(1)",
    "👩‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
)  # fmt: skip
NASTY_HTML = (
    *NASTY,
    "<script>alert(1)</script>",
    "<a><object><a>x</a></object></a>",
    "</li></ol></main><h1>Ours</h1><form action=https://evil.example><input></form>",
    "<li>x<li>y",
    "<style>* { display: none }</style><link rel=stylesheet href=https://evil.example/x.css>",
    "<img src=https://evil.example/x.png alt=seen>",
    "<svg onload=alert(1)><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=alert(1)>'>",
    '<a href="javascript:alert(1)" style="position:fixed" id="q12" class="skip">x</a>',
    "<table><tr><th></th><td>x</td></tr></table><iframe src=https://evil.example></iframe>",
    "<b>" * 500,
)


def hostile() -> Transcript:
    """Everything that others chose is what nobody wants."""
    span = Span(start=at(0), end=at(30))
    info = talk(title=NASTY[0], subtitle=NASTY[1], persons=NASTY, track=NASTY[2], place=NASTY[6],
                url="javascript:alert(1)", language='"><x>', planned=span, actual=span)  # fmt: skip
    bad = tuple(Link(label=text, url=text) for text in (*NASTY, "javascript:alert(1)", "//x"))
    questions = tuple(_nasty_question(number, text) for number, text in enumerate(NASTY, start=12))
    return transcript(
        questions,
        conference=NASTY[0],
        zone="../../etc/passwd",
        room=NASTY[1],
        talk=info,
        links=Links(
            recordings=(*bad, Link(label="x", url=RECORDING)), subtitles=bad, slides=bad
        ),
        privacy=Privacy(contact=NASTY[1], chat="published", indexed=True),
    )  # fmt: skip


def _nasty_question(number: int, text: str) -> Question:
    return question(
        number,
        text,
        asker=text,
        event=f"${text}",
        state="answered",
        answers=(Answer(text=text, author=text, at=at(3), event=text),),
        merged=(Merged(number=number + 100, text=text, asker=text),),
        spoken=Spoken(second=number, score=80, quote=text),
    )


def hostile_lines() -> Iterator[Line]:
    for number, text in enumerate(NASTY):
        more: dict[str, Any] = {"name": text, "at": at(number)}
        yield message(text, text, **more, is_question=True,
                      reactions=(Reaction(key=text, events=(text,)),),
                      reply_to=Quote(id=text, name=text, text=text))  # fmt: skip
        yield message(text, text, **more)  # the same id again
        yield message(f"p{number}", text, **more, type="poll", thread=text,
                      poll=(PollOption(text=text, votes=1),))  # fmt: skip
        image = File(name=text, mimetype=text)
        for kind in ("image", "sticker", "location", "other", "unreadable", "redacted", "emote"):
            yield message(f"{kind}{number}", text, **more, type=kind,
                          file=image if kind == "image" else None)  # fmt: skip
        yield Gap(after=at(number), why=text)
    for number, html in enumerate(NASTY_HTML):
        yield message(f"h{number}", "in plain text", html=html, at=at(20) + timedelta(days=number))


def many(number: int) -> Iterator[Message]:
    """So many lines, with threads, one of which goes from line 95 to 102."""
    for n in range(number):
        more: dict[str, Any] = {"at": at(n / 100), "name": f"Person {n % 7}"}
        if n % 10 in (8, 9):
            more["thread"] = f"$n{n - n % 10 + 7}"
        if 95 < n < 103:
            more["thread"] = "$n95"
        if n % 5 == 0:
            more["reply_to"] = Quote(id=f"$n{n // 2}", name="Bob", text=f"word{n // 2}")
        yield message(f"n{n}", f"word{n}", **more)
