"""What is wrong with a folder of transcripts, and what helps."""

from __future__ import annotations

MAKE_ANEW = "make it anew: !transcript in its room, as a moderator"
ELSE_MAKE_ANEW = f"if nothing else helps, {MAKE_ANEW}"
RENDER = "make its pages anew: fosdembot transcript render"
INDEX = "make it anew: fosdembot transcript index"

NOT_PRIVATE = "others can read it; run: chmod 700 {path}"
OTHER_NAME = "it is of another talk, whose file is called {name}; " + MAKE_ANEW
TEMPORARY = "it was left by a crash; where no bot is writing just now, remove it"
NO_MODEL = "everybody can read it, and there is no transcript of it; remove it"
NOT_PUBLISHED = "everybody can read it, and its transcript is not to be published; remove it"
NO_PAGE = "its transcript is to be published, and there is no page; " + RENDER
NO_SUMS = "it is missing; " + RENDER
BAD_SUMS = "it is no list of sums; " + RENDER
MISSING = "SHA256SUMS lists it, and it is missing; " + RENDER
CHANGED = "it is not as it was written; " + RENDER
UNLISTED = "SHA256SUMS does not list it; remove it, or " + RENDER
NO_INDEX = "it is missing; " + INDEX
BAD_INDEX = "it is not as we write it; " + INDEX
NOT_LISTED = "{name} is not listed; " + INDEX
LISTS_TOO_MUCH = "{name} is listed and is not there; " + INDEX
LEADS_OUT = "{link} leads out of what everybody may read; " + RENDER
LEADS_NOWHERE = "{link} leads nowhere; " + RENDER

# What may still have somebody who is forgotten
PAGES_STAY = (
    "{problem}; public/{name} stays as it is: remove it, or mend the model and forget again"
)
AGAIN = "{name}: {problem}; let the account that runs this write there, and forget again"
