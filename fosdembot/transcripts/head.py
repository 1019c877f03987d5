"""What a transcript says of its talk, from the schedule and the settings. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from fosdembot.schedule.model import MediaLink, Talk
from fosdembot.talks.slots import Slot
from fosdembot.texts.render import clean

from .model import Link, Links, People, Privacy, Question, Span, TalkInfo, Transcript
from .window import Window

LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Where a talk took place."""

    conference: str
    zone: tzinfo
    address: str | None
    """Of its Matrix room."""
    room_id: str | None


def head(
    slot: Slot,
    place: Place,
    window: Window,
    privacy: Privacy,
    questions: Iterable[Question],
    people: People,
) -> Transcript:
    """All but the chat."""
    return Transcript(
        conference=clean(place.conference, LONGEST_TITLE),
        zone=place.zone.key if isinstance(place.zone, ZoneInfo) else "UTC",
        talk=talk_info(slot),
        room=place.address,
        room_id=place.room_id,
        window=Span(start=window.start, end=window.end),
        links=links_of(slot.talk),
        privacy=privacy,
        people=people,
        questions=tuple(questions),
    )


def talk_info(slot: Slot) -> TalkInfo:
    talk = slot.talk
    return TalkInfo(
        guid=talk.guid,
        id=talk.id,
        title=clean(talk.title, LONGEST_TITLE),
        subtitle=clean(talk.subtitle, LONGEST_TITLE),
        persons=tuple(clean(person, 100) for person in talk.persons),
        track=clean(talk.track, 100),
        place=clean(talk.room, 100),
        language=talk.language,
        url=talk.url,
        planned=Span(start=talk.start, end=talk.end),
        actual=Span(start=slot.start.astimezone(UTC), end=slot.end.astimezone(UTC)),
        outcome="cancelled" if slot.cancelled else "no_show" if slot.noshow else "held",
        recording_optout=talk.recording_optout,
    )


def links_of(talk: Talk) -> Links:
    return Links(
        recordings=_links(talk.recordings),
        subtitles=_links(talk.subtitles),
        slides=_links(talk.slides),
    )


def is_outdated(transcript: Transcript, talk: Talk, privacy: Privacy) -> bool:
    """Whether the schedule says something else of the talk now, or the settings of what is
    published."""
    said = transcript.talk
    now = talk_info(Slot(talk, said.actual.start, said.actual.end))
    now = now.model_copy(update={"outcome": said.outcome})
    return (now, links_of(talk), privacy) != (said, transcript.links, transcript.privacy)


def _links(links: Iterable[MediaLink]) -> tuple[Link, ...]:
    return tuple(Link(label=link.label, url=link.url) for link in links)


def with_what_is_known(new: Transcript, old: Transcript | None) -> Transcript:
    """`new` with what an earlier one knew, and nobody can find out any more: how many voted, once
    that is forgotten; where questions are in the recording, as long as they are the same
    questions to the same recording."""
    if old is None:
        return new
    people = People(
        wrote=max(new.people.wrote, old.people.wrote),
        asked=max(new.people.asked, old.people.asked),
        voted=max(new.people.voted, old.people.voted),
    )
    if new.links.subtitles != old.links.subtitles:
        return new.model_copy(update={"people": people})
    spoken = {(q.number, q.text): q.spoken for q in old.questions}
    return new.model_copy(
        update={
            "people": people,
            "recording_offset": old.recording_offset,
            "questions": tuple(
                q.model_copy(update={"spoken": spoken.get((q.number, q.text))})
                for q in new.questions
            ),
        }
    )
