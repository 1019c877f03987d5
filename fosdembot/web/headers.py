"""What a browser is told besides a page: what it may load and run, and who may frame it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

FRAMED_NOWHERE: tuple[str, ...] = ()


def page_headers(
    framed_by: Collection[str] = FRAMED_NOWHERE, frames: Iterable[str] = ()
) -> Mapping[str, str]:
    """`framed_by`: the origins whose pages may show this one in a frame; `frames`: those that it
    shows in one itself (CSP Level 3)."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": " ".join(["'self'", *framed_by] if framed_by else ["'none'"]),
        "frame-src": " ".join(frames) or "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
        # Never with a path or a query, in which there may be a secret, not even to ourselves: web
        # servers log it. With "no-referrer", a POST would not say its origin either.
        "Referrer-Policy": "strict-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
