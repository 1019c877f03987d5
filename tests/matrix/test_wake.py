"""A signal is not lost, whoever gives it and when."""

from __future__ import annotations

from fosdembot.matrix.wake import Wake


def test_a_signal_given_before_is_heard_once() -> None:
    wake, heard = Wake(), []
    wake.set()
    wake.nudge()
    wake.listen(lambda: heard.append("early"))
    assert heard == ["early"]
    wake.listen(lambda: heard.append("again"))
    assert heard == ["early"]
    wake.set()
    wake.nudge()
    assert heard == ["early", "again", "again"]


def test_who_looks_knows_whether_somebody_outside_wants_it() -> None:
    wake = Wake()
    wake.nudge()
    assert not wake.was_set()
    wake.set()
    assert [wake.was_set(), wake.was_set()] == [True, False]
