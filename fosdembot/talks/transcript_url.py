"""Where a talk's transcript is on the web. Pure."""

from __future__ import annotations

from fosdembot.settings import Settings

from .file_name import file_name


def transcript_url(settings: Settings, guid: str) -> str:
    """Empty where nobody can read it there."""
    base = settings.transcripts.public_url
    return f"{base}/{file_name(guid)}/" if settings.archives and base else ""
