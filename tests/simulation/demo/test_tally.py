"""The demo's own count of questions and votes."""

from __future__ import annotations

from simulation.demo.acts import Act, Ask, Decide, Edit, Room, Unvote, Vote, Write
from simulation.demo.tally import Question, ranking, tally

ROOM = Room("Kernel", "kernel")
CHAT = Room("with ada", person="ada")


def ask(
    number: int, who: str = "ada", how: str = "!ask", by: Room | None = None, pending: bool = False
) -> Ask:
    return Ask("10:00", who, ROOM, number, f"Why {number}?", how, by, pending=pending)


def vote(number: int, who: str, how: str = "👍") -> Vote:
    return Vote("10:00", who, ROOM, number, how)


def decide(number: int, state: str, into: int | None = None) -> Decide:
    return Decide("10:00", "mod", ROOM, number, state, "…", into=into)


def standing(*acts: Act) -> dict[int, Question]:
    return {number: question for (_, number), question in tally(acts).items()}


def test_a_vote_is_a_person() -> None:
    voted = (ask(1), vote(1, "bob"), vote(1, "bob", "!vote 1"), vote(1, "eve", "+1"))
    assert standing(*voted)[1].votes == 2
    unvoted = (*voted, Unvote("10:00", "bob", ROOM, 1, "👍"))
    assert standing(*unvoted)[1].votes == 2
    assert standing(*unvoted, Unvote("10:00", "eve", ROOM, 1, "+1"))[1].votes == 1
    assert standing(*voted, Unvote("10:00", "bob", ROOM, 1, "!unvote 1"))[1].votes == 1


def test_the_own_vote_does_not_count() -> None:
    assert standing(ask(1), vote(1, "ada"))[1].votes == 0


def test_what_is_merged_counts_together_and_each_person_once() -> None:
    acts = (ask(1), ask(2, "bob"), vote(1, "eve"), vote(2, "eve"), vote(2, "kim"), vote(1, "bob"))
    merged = standing(*acts, decide(2, "merged", into=1))
    assert (merged[1].votes, merged[1].askers, merged[2].state) == (2, ["ada", "bob"], "merged")
    assert merged[2].into is merged[1]


def test_who_asks_without_a_name_is_not_named() -> None:
    assert standing(ask(1, how="!anon kernel:", by=CHAT))[1].askers == []


def test_states() -> None:
    acts = (ask(1, pending=True), ask(2))
    assert [q.state for q in standing(*acts).values()] == ["pending", "open"]
    taken = standing(*acts, decide(1, "answering"), decide(2, "answering"))
    assert [q.state for q in taken.values()] == ["answered", "answering"]
    written = standing(*acts, Write("10:00", "eve", ROOM, 2, "So.", CHAT))
    assert [q.state for q in written.values()] == ["pending", "answered"]


def test_an_edit_changes_the_text() -> None:
    assert standing(ask(1), Edit("10:00", "ada", ROOM, 1, "How?"))[1].text == "How?"


def test_the_best_first() -> None:
    acts = (*(ask(number) for number in range(1, 8)), vote(3, "bob"), vote(7, "bob"))
    acts = (*acts, decide(5, "starred"), decide(6, "answering"), decide(2, "dismissed"))
    assert ranking(standing(*acts).values()) == [6, 5, 3, 7, 1, 4]
