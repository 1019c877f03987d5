"""Bars beside numbers, as SVG: no script, no style, nothing loaded. The numbers stand beside them
for those who see no bars."""

from __future__ import annotations

from markupsafe import Markup


def bar(value: float, most: float) -> Markup:
    """A bar of the length `value`, where `most` is the whole width."""
    width = 0.0 if most <= 0 else 100 * min(max(value, 0), most) / most
    return Markup(
        '<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width:.4g}" height="1"/></svg>'
    )
