"""What a room is told about its talks. `{p}` is the command prefix.

The first line of NOW is pinned: it must stay true for the whole talk.
"""

from __future__ import annotations

TALK = '"{title}"'
TALK_WITH = '"{title}" with {speakers}'
UNTITLED = "Untitled talk"

HEADS_UP = "<b>Starting at {start}:</b> {talk}"
HEADS_UP_AT = "<b>Starting at {start} in {place}:</b> {talk}"
COUNTDOWN = "<b>Starting in {wait}, at {start}:</b> {talk}"
COUNTDOWN_AT = "<b>Starting in {wait}, at {start}, in {place}:</b> {talk}"
THEN_MORE = "Then {talks} today: <code>{p}schedule</code>"

NOW = "<b>Now, until {end}:</b> {talk}"
NOW_AT = "<b>Now in {place}, until {end}:</b> {talk}"
ASK = "Ask: <code>{p}ask your question</code>. Vote: 👍 on a question, or <code>{p}vote 12</code>"
ASK_BRIDGED = "Ask: <code>{p}ask your question</code>. Vote: <code>{p}vote 12</code>"
ASK_CLOSED = "No more questions for this talk"
ASK_ALL_CLOSED = "No more questions for these talks"
ARCHIVED = "Archived: <code>{p}privacy</code>"
QA_LATER = "Q&A at {qa}"
ENTRY = "<b>{number}</b> ({votes}) {question}"
ENTRY_ANSWERING = "<b>▶ now: {number}</b> ({votes}) {question}"
ENTRY_STARRED = "<b>★ next: {number}</b> ({votes}) {question}"
ASKED_BY = "{entry} – {asker}"
QUESTIONS = "{questions}: <code>{p}questions</code>"
BEFORE = 'Before: "{title}", {questions} went to the speaker for a written answer.'

QA = "<b>Q&A until {end}</b>"
QA_AT = "<b>Q&A in {place} until {end}:</b> {talk}"
QA_NEXT = 'Next: <b>{number}</b> ({votes}) "{question}"'
QA_ANSWERING = 'Now: <b>{number}</b> ({votes}) "{question}"'
QA_NONE = "No question is waiting: <code>{p}ask</code> yours"

TIME_LEFT = "<b>{left} left</b>, until {end}: {talk}"
TIME_LEFT_AT = "<b>{left} left in {place}</b>, until {end}: {talk}"

OVER = "{talk} is over"
OVER_AT = "In {place}, {talk} is over"

CANCELLED = "{talk} is cancelled"
NOSHOW = "{talk} does not take place: the speaker is not here"
ELSEWHERE = "{talk} is not on in this room any more"
NOT_ON = "That talk is not on any more"
NONE_TO_COME = "No more talks are planned here"

THEN = "Then, at {start}: {talk}"
NO_MORE = "No more talks here today"
AFTERWARDS = "Afterwards, come to {hallway}"
TRANSCRIPTS = "What was asked and answered will be at {url}"

AND_MORE = "And {talks}: <code>{p}schedule</code>"
