"""Events of Matrix rooms, as a homeserver gives them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
