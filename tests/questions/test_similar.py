"""Which questions are taken for the same one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.questions.similar import alike

SAME = [
    ("How small can it get?", "how small can it get"),
    ("How small can it get?", "HOW SMALL CAN IT GET???"),
    ("How small can it get?", "How smal can it get?"),
    ("How small can it get?", "so how small can this really get"),
    ("How small can the kernel get?", "Can the kernel get how small?"),
    ("Does it run on ARM?", "Will it run on ARM?"),
    ("Does it run on a Raspberry Pi?", "Raspberry Pi: does it run?"),
    ("Does it run on a Raspberry Pi?", "Does this run on Raspberry Pi 4?"),
    ("When will version 2 be released?", "When is version 2 going to be released?"),
    ("When will version 2 be released?", "Release of version 2: when?"),
    ("How do you test that?", "How do you test this?"),
    ("What about memory use?", "What about the memory usage?"),
    ("Is there a roadmap for IPv6 support?", "Roadmap for supporting IPv6?"),
    ("Why not just use Rust?", "Why don't you just use Rust?"),
    ("How does it compare to systemd?", "How does this comapre with sytemd?"),
    ("Which license is it?", "What licence is it?"),
    ("Will the slides be available?", "Will the slides be availabe online?"),
    ("What is the impact of encryption on speed?", "What's the impact on speed of encryption"),
    (
        "Is it faster than ext4 on large files, and did you benchmark it with fio?",
        "Did you benchmark it with fio? Is it faster than ext4 on large files?",
    ),
    (
        "How do you handle backpressure in the pipeline when the consumer is slow?",
        "How is backpressure handled in the pipeline if a consumer is slow?",
    ),
    ("How do you fund the project?", "How is the project funded?"),
    ("C++?", "c++ ?"),
    ("Why?", "why??"),
    ("🤔", "🤔"),
    ("👍 🤔?", "👍🤔?"),
    ("Quelle est la licence du projet ?", "quelle est la license du projet"),
    ("Какая лицензия у проекта?", "Какая лицензия у этого проекта"),
    ("Ποια είναι η άδεια χρήσης;", "ποια είναι η άδεια χρήσης"),
    ("ما هي رخصة المشروع؟", "ما هي رخصة المشروع"),
    ("それはARMで動きますか？", "それはARMで動きますか"),
]
OTHER = [
    # The frame is the same, what is asked about is not.
    ("What about Windows?", "What about macOS?"),
    ("What about X?", "What about Y?"),
    ("What about Windows?", "Does it run on Windows?"),
    ("Will there be a Windows version?", "Will there be an Android version?"),
    ("Does it run on ARM?", "Does it run on RISC-V?"),
    ("Is there support for IPv6?", "Is there support for IPv4?"),
    ("When will version 2 be released?", "When will version 3 be released?"),
    ("How do you test that?", "How do you deploy that?"),
    ("How small can it get?", "How fast can it get?"),
    ("Can you show the first slide again?", "Can you show the last slide again?"),
    ("How do you find memory leaks in the parser?", "How do you find memory leaks in the lexer?"),
    ("What is the plan for next year?", "What is the budget for next year?"),
    ("How many users do you have?", "How many developers do you have?"),
    ("Can it read PDF?", "Can it write PDF?"),
    ("What about memory?", "What about memory leaks?"),
    # Short ones.
    ("Why Rust?", "When Rust?"),
    ("Why Rust?", "Why Go?"),
    ("Why?", "How?"),
    ("C++?", "C#?"),
    ("C?", "C++?"),
    ("Is it fast?", "Is it safe?"),
    ("Is the API stable?", "Is the ABI stable?"),
    ("Does it need root?", "Does it need a reboot?"),
    ("👍", "🤔"),
    ("🤔", "?"),
    # Other languages.
    ("Gibt es eine Version für Windows?", "Gibt es eine Version für Android?"),
    ("Какая лицензия у проекта?", "Какая команда у проекта?"),
    ("それはARMで動きますか？", "それはWindowsで動きますか？"),
    ("你喜欢猫吗？", "你喜欢狗吗？"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_in_other_words(one: str, other: str) -> None:
    assert alike(one, [(7, other)]) == 7
    assert alike(other, [(7, one)]) == 7
    assert alike(one, [(5, one), (7, other)]) == 5


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_question(one: str, other: str) -> None:
    assert alike(one, [(7, other)]) is None
    assert alike(other, [(7, one)]) is None


def test_all_together_each_finds_its_own() -> None:
    """Whatever else was asked: no question of the one table takes another for itself."""
    firsts = sorted({one for one, _ in SAME})
    asked = list(enumerate(firsts))
    for one, other in SAME:
        assert alike(other, asked) == firsts.index(one)


def test_of_several_the_most_similar_else_the_first() -> None:
    asked = [
        (1, "Does it run on Windows servers?"),
        (2, "Does it run on Windows?"),
        (3, "does it run on windows"),
    ]
    assert alike("Will it run on Windows?", asked) == 2
    assert alike("Will it run on Windows?", []) is None


def test_the_threshold_may_be_another() -> None:
    asked = [(1, "Can it write PDF?")]
    assert alike("Can it read PDF?", asked, threshold=50) == 1
    assert alike("Can it write pdf", asked, threshold=100) == 1


@given(st.text(max_size=100), st.text(max_size=100))
def test_either_way_round_and_whatever_it_is(one: str, other: str) -> None:
    assert (alike(one, [(0, other)]) is None) == (alike(other, [(0, one)]) is None)
    assert alike(one, [(0, one)]) == 0


@given(st.permutations(["kernel", "memory", "backpressure", "scheduler", "allocator"]))
def test_the_order_of_words_and_a_slip_change_nothing(words: list[str]) -> None:
    asked = [(1, "kernel memory backpressure scheduler allocator?")]
    slipped = [words[0][0] + words[0][2] + words[0][1] + words[0][3:], *words[1:]]
    assert alike(" ".join(words).upper(), asked) == 1
    assert alike("what about the " + " ".join(slipped), asked) == 1


def test_what_is_looked_at_is_bounded() -> None:
    crowd = [(number, f"Question about subject{number}") for number in range(2000)]
    assert alike("Subject499 question", crowd) == 499
    assert alike("Subject1999 question", crowd) is None
    # Neither characters nor words beyond the bounds count, nor cost.
    beginning = " ".join(letter * 6 for letter in "bcdefghijklmnopqrstuvwxyz")
    assert alike(beginning + " and" * 20_000, [(1, beginning + " or" * 20_000)]) == 1
    assert alike("kernel" + " the" * 200 + " memory", [(1, "kernel" + " the" * 200 + " size")]) == 1
