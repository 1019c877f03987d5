"""What other servers send cannot forge a line of the log."""

from __future__ import annotations

import logging

import pytest

from fosdembot.log_lines import child

FORGED = "\n2026-01-31 10:00:00 INFO all is well"


@pytest.fixture
def log() -> logging.Logger:
    return child(logging.getLogger("fosdembot.test"), "part")


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_a_message_is_one_line(
    log: logging.Logger, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    log.warning("%s was refused in %s", f"$event{end}2026 INFO all is well", "!room")
    [record] = caplog.records
    assert len(record.getMessage().splitlines()) == 1
    assert "all is well was refused in !room" in record.getMessage()


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\u202e", "\x9b"])
def test_nor_does_it_steer_the_terminal(
    log: logging.Logger, caplog: pytest.LogCaptureFixture, char: str
) -> None:
    log.warning("%s", f"$event{char}[2J")
    assert char not in caplog.records[0].getMessage()


def test_letters_stay_letters(log: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    log.warning("%s: %d%%", "Größe – 大きさ\\n", 5)
    assert caplog.records[0].getMessage() == "Größe – 大きさ\\n: 5%"


def test_an_error_s_words_are_marked_as_such(
    log: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ValueError(f"$event{FORGED}")
    except ValueError:
        log.exception("It failed")
    text = logging.Formatter("%(levelname)s %(message)s").format(caplog.records[0])
    assert all(line.startswith(("ERROR It failed", "  | ")) for line in text.split("\n"))
