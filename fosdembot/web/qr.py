"""QR codes, as SVG that stands in a page."""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from markupsafe import Markup

QUIET = 4
"""Modules around it that are white (ISO/IEC 18004): else it cannot be read on a dark ground."""


@lru_cache(maxsize=500)
def qr_code(text: str) -> Markup:
    """Black on white, as large as what it stands in. Colours are attributes, as pages allow no
    styles in them."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        border=QUIET,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        nl=False,
        svgclass=None,
        lineclass=None,
    )
    return Markup(out.getvalue().decode())
