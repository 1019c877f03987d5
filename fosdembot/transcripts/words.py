"""Words as they are compared: those that somebody typed with those that a machine heard.

What differs between them and means the same is made equal: case, accents, signs, blanks within
compounds ("live-patching"), numbers in words ("two hundred and fifty"), words that only fill a
pause. What a machine hears wrong mostly sounds alike: `sound` says how a word sounds, roughly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

_PIECE = re.compile(r"[^\W\d_]+|\d+")
_FILLERS = frozenset(
    ("ah", "aeh", "ahm", "eh", "ehm", "er", "erm", "hm", "hmm", "mhm", "uh", "uhm", "um", "umm")
)

COMMON = frozenset(
    """
    a about after again all already also am an and any anybody anyone anything are as at be
    because been before being but by can could d did do does doing don down e each either
    every everybody everyone few first for from get g go going got had has have having he her
    here hers him his how i if in inside instead into is it its itself just kind know let
    like ll m make many maybe me might more most much must my need no not now of off okay on
    once one only or other our out over own please possible question re really right s said
    same say see she should so some somebody someone something still such t than thank
    thanks that the their them then there these they thing things think this those through
    to today too us use used using ve very want was way we well were what when where whether
    which while who whom whose why will with without work working works would yes yet you
    your

    aber alle als also am an auch auf aus bei bin bis bist da dann das dass dem den denn der
    des dich die dies diese diesem diesen dieser dieses doch du durch ein eine einem einen
    einer eines er es etwas euch euer eure frage fragen fuer gegen gibt hab habe haben habt
    hat ich ihm ihn ihnen ihr ihre im in ist ja jede jeder jetzt kann kein keine koennen
    koennt koennte man mehr mein mich mir mit muss nach nicht nichts noch nun nur ob oder
    ohne schon sehr sein seine sich sie sind so soll ueber um und uns unser unter vom von
    vor war waren warum was weil welche welcher wenn wer werden wie wieder will wir wird wo
    wollen wurde zu zum zur

    a au aussi aux avec bien ce cela ces cette comme comment dans de des donc du elle en est
    et eu il ils je la le les leur lui mais me meme mes moi mon ne nos notre nous on ont ou
    par pas plus pour pourquoi qu quand que quel quelle qui sa sans se ses si son sont sur
    ta te tes toi ton tu un une vos votre vous y
    """.split()  # noqa: SIM905 - a list of those would be three pages
)
"""What says little by itself, in the languages of most talks: English, German, French."""

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_LARGE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_VALUES = _UNITS | _TENS | _LARGE
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    if not text.isascii():
        folded = unicodedata.normalize("NFKC", text).casefold().translate(_UMLAUTS)
        apart = unicodedata.normalize("NFKD", folded)
        text = "".join(each for each in apart if not unicodedata.combining(each))
    pieces = _PIECE.findall(text.lower())
    return list(_numbers(piece for piece in pieces if piece not in _FILLERS))


def _numbers(pieces: Iterable[str]) -> Iterator[str]:
    """Numbers in English words become digits: "two hundred and fifty" is 250."""
    run: list[str] = []
    for piece in pieces:
        if piece in _VALUES or (piece == "and" and run and run[-1] in _LARGE):
            run.append(piece)
        else:
            yield from _digits(run)
            run = []
            yield piece
    yield from _digits(run)


def _digits(run: list[str]) -> Iterator[str]:
    """The numbers of a run of words for numbers: several, where they do not go together."""
    total = current = 0
    room = 0
    """What the next word must be less than, to belong to the number: after "twenty" 10."""
    for word in run:
        if word == "and":
            continue
        value = _VALUES[word]
        if word in _LARGE and room:
            if value == 100:
                current = max(current, 1) * value
            else:
                total, current = total + max(current, 1) * value, 0
            room = value
        elif 0 < value < room:
            current += value
            room = 10 if value >= 20 else 1
        else:
            if room:
                yield str(total + current)
            total, current = (value, 0) if value > 100 else (0, value)
            room = value if word in _LARGE else 10 if value >= 20 else 1
    if room:
        yield str(total + current)
    if run and run[-1] == "and":
        yield "and"


_SOUNDS = str.maketrans(
    {**dict.fromkeys("bpfvw", "p"), **dict.fromkeys("cgkqxj", "k"), **dict.fromkeys("dt", "t"),
     **dict.fromkeys("lr", "l"), **dict.fromkeys("mn", "n"), **dict.fromkeys("sz", "s"),
     **dict.fromkeys("aeiouyh", "")}
)  # fmt: skip
_DOUBLED = re.compile(r"(.)\1+")


def sound(word: str) -> str:
    """The consonants of a word, those that sound alike as one: kernel and colonel are the same."""
    return _DOUBLED.sub(r"\1", word.translate(_SOUNDS))


def is_comparable(word: str) -> bool:
    """Whether a word that is nearly the same may be meant: not of numbers and of short words."""
    return len(word) >= 3 and not word.isdigit()


LEAST_ALIKE = 0.7
"""How much two words must have in common, from 0 to 1, for one to be the other misheard."""
