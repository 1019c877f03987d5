"""The published schema of the stored model (docs/transcript.schema.json).

python -m fosdembot.transcripts.schema > docs/transcript.schema.json
"""

from __future__ import annotations

import json

from .model import VERSION, Line, Transcript


class _Stored(Transcript):
    chat: tuple[Line, ...]


def schema() -> str:
    """As it is written to the file."""
    made = _Stored.model_json_schema() | {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A transcript of a talk, as fosdembot stores it (version {VERSION})",
    }
    made.pop("description", None)
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
