"""What every format says of a transcript, in words: times in the conference's zone, states,
places in the recording and in the chat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from urllib.parse import quote

from fosdembot.texts import transcript_pages as words
from fosdembot.texts.harmless import harmless
from fosdembot.texts.render import link
from fosdembot.texts.words import clock_time, count, date_name, day_name, hour

from .figures import is_answered
from .model import Answer, File, Gap, Message, Question, Span, TalkInfo, Transcript, minute_of
from .zones import zone_of


class Facts:
    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.talk = transcript.talk
        self.zone = zone_of(transcript.zone)
        self._clock = lru_cache(maxsize=1024)(self._clock_of_minute)

    # Times
    def clock(self, moment: datetime) -> str:
        """`10:05`, with its day where that is not the talk's."""
        return self._clock(int(moment.timestamp()) // 60)

    def _clock_of_minute(self, minute: int) -> str:
        moment = datetime.fromtimestamp(minute * 60, UTC)
        return clock_time(moment, self.zone, self.talk.actual.start)

    def day(self, moment: datetime) -> str:
        """`Sun 1 Feb 2026`."""
        return f"{day_name(moment, self.zone).split()[0]} {date_name(moment, self.zone)}"

    def local(self, moment: datetime) -> str:
        """`2026-02-01 10:05:00`, as spreadsheets read it."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def span(self, span: Span, known: datetime | None = None) -> str:
        """`Sun 1 Feb 2026, 10:00 to 10:25`, without the day if it is that of `known`."""
        ends_that_day = span.end - span.start < timedelta(days=1)
        end = hour(span.end, self.zone)
        told = words.SPAN.format(
            start=hour(span.start, self.zone),
            end=end if ends_that_day else f"{self.day(span.end)}, {end}",
        )
        day = self.day(span.start)
        if known is not None and self.day(known) == day:
            return told
        return f"{day}, {told}"

    def minute(self, moment: datetime) -> str:
        """`minute 5`, or that it was before or after the talk."""
        if moment > self.talk.actual.end:
            return words.AFTER
        minute = minute_of(self.talk, moment)
        return words.MINUTE.format(minute=minute) if minute else words.BEFORE

    def when(self, moment: datetime) -> str:
        return f"{self.clock(moment)} ({self.minute(moment)})"

    # Questions
    def asker(self, question: Question) -> str:
        return question.asker or words.ATTENDEE

    def state(self, question: Question) -> str:
        in_writing = bool(question.answers) and question.taken_at is None
        if question.state == "answered" and not in_writing:
            return words.ANSWERED
        if question.answers:
            return words.ANSWERED_IN_WRITING
        return words.TAKEN_UP if question.state == "answering" else words.UNANSWERED

    def is_answered(self, question: Question) -> bool:
        return is_answered(question)

    def written(self, answer: Answer) -> str:
        after = answer.at > self.talk.actual.end
        return (words.IN_WRITING_AFTER if after else words.IN_WRITING).format(
            time=self.clock(answer.at)
        )

    def quote(self, question: Question) -> str | None:
        return spoken_answer(self.talk, question)

    def score(self, question: Question) -> str:
        if question.spoken is None or question.spoken.score is None:
            return words.SPOKEN_PLACED
        return words.SPOKEN_SCORE.format(score=round(question.spoken.score))

    @cached_property
    def recording(self) -> str | None:
        """Its address."""
        return next((url for of in self.transcript.links.recordings if (url := web(of.url))), None)

    def in_recording(self, question: Question) -> str | None:
        """The address of a question's second."""
        if self.recording is None or question.spoken is None:
            return None
        return f"{self.recording.split('#')[0]}#t={int(question.spoken.second)}"

    def in_room(self, question: Question) -> str | None:
        """The address of the message that asked it. Of a question without a name it might say
        whose it is."""
        room = self.transcript.room or self.transcript.room_id
        if not room or not question.event or not question.asker:
            return None
        return f"https://matrix.to/#/{quote(harmless(room), '')}/{quote(question.event, '')}"

    # The chat
    def gap(self, gap: Gap) -> str:
        if gap.after is None:
            return words.GAP.format(why=gap.why)
        return words.GAP_AFTER.format(time=self.clock(gap.after), why=gap.why)

    # The frame
    @property
    def outcome(self) -> str | None:
        return {"cancelled": words.CANCELLED, "no_show": words.NO_SHOW}.get(self.talk.outcome)

    @property
    def head(self) -> list[tuple[str, str, str | None]]:
        """A label, what stands beside it, and its address where it has one."""
        talk, room = self.talk, self.transcript.room
        found: list[tuple[str, str, str | None]] = [
            (words.TRACK, talk.track, None),
            (words.ROOM, talk.place, None),
            (words.PLANNED, self.span(talk.planned), None),
        ]
        if talk.outcome == "held" and talk.actual != talk.planned:
            found.append((words.ACTUAL, self.span(talk.actual, talk.planned.start), None))
        found.append((words.TIMES, self.transcript.zone, None))
        if room:
            found.append(
                (words.CHAT_ROOM, room, f"https://matrix.to/#/{quote(harmless(room), '')}")
            )
        return [line for line in found if line[1]]

    @property
    def counts(self) -> list[str]:
        """`3 questions, 2 of them answered`, `40 messages`, `9 people wrote, 3 asked, 7 voted`."""
        questions, people = self.transcript.questions, self.transcript.people
        told = [count(len(questions), "question")]
        if questions:
            answered = sum(map(self.is_answered, questions))
            told = [words.OF_THEM_ANSWERED.format(questions=told[0], number=answered)]
        if self.shows_chat:
            told.append(count(self.transcript.messages, "message"))
        did = [
            f"{number:,} {verb}"
            for number, verb in (
                (people.wrote, words.WROTE if people.wrote > 1 else words.WROTE_ONE),
                (people.asked, words.ASKED),
                (people.voted, words.VOTED),
            )
            if number
        ]
        if did:
            told.append(", ".join(did))
        return told

    @property
    def shows_chat(self) -> bool:
        return self.transcript.privacy.chat == "published"

    @property
    def links(self) -> list[tuple[str, str | None]]:
        """What each says, and its address where that is one."""
        links = self.transcript.links
        found = [
            (_label(what, one.label), web(one.url))
            for what, some in (
                (words.RECORDING, links.recordings),
                (words.SUBTITLES, links.subtitles),
                (words.SLIDES, links.slides),
            )
            for one in some
        ]
        if page := web(self.talk.url):
            found.append((words.TALK_PAGE, page))
        return found

    @property
    def has_chapters(self) -> bool:
        return any(question.spoken is not None for question in self.transcript.questions)

    @property
    def contact(self) -> str | None:
        """The address of whom to write to, where it is one."""
        contact = harmless(self.transcript.privacy.contact)
        if web(contact):
            return contact
        name, _, host = contact.partition("@")
        if name and "." in host and not set(contact) & set(" <>\"'&?%"):
            return f"mailto:{contact}"
        return None


def spoken_answer(talk: TalkInfo, question: Question) -> str | None:
    """What the recording's subtitles say as the answer. A written answer from after the talk
    corrects them."""
    corrected = any(answer.at > talk.actual.end for answer in question.answers)
    return None if question.spoken is None or corrected else question.spoken.quote or None


def web(url: str) -> str | None:
    """`url`, if it is an address on the web that is fit to be a link."""
    found = link(url)
    return None if found is None else found.plain


def seconds(second: float) -> str:
    """`0:20:03`."""
    minutes, rest = divmod(int(second), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def size(number: int) -> str:
    """`12 kB`."""
    value: float = max(number, 0)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def about(file: File) -> str:
    """`slides.pdf (application/pdf, 12 kB)`."""
    more = [file.mimetype, *([] if file.bytes is None else [size(file.bytes)])]
    told = ", ".join(part for part in more if part)
    return f"{file.name} ({told})" if told else file.name


def kind(message: Message) -> str | None:
    """What a message is that is no text, in one line."""
    if message.type == "unreadable":
        return words.UNREADABLE
    if message.type == "redacted":
        return words.REDACTED
    if message.type == "other":
        return f"{words.OTHER}: {message.text}" if message.text else words.OTHER
    label = words.KINDS.get(message.type)
    if label is None:
        return None
    told = about(message.file) if message.file is not None else message.text
    return f"{label}: {told}" if told else label


def caption(message: Message) -> str:
    """What is said beside a file."""
    if message.file is None or message.text == message.file.name:
        return ""
    return message.text


def reaction(key: str) -> str:
    return words.CUSTOM_EMOJI if key.startswith("mxc:") else key


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _label(what: str, label: str) -> str:
    """`Slides: tiny.pdf`; only `Video recording (MP4)`, which says what it is."""
    if what.casefold() in label.casefold():
        return label
    return f"{what}: {label}" if label else what
