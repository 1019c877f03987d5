"""The address of a room page with what was chosen there: a talk, an order, a view."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.questions.orders import Order

EMBED, WIDGET = "embed", "widget"


def order_of(values: Mapping[str, str]) -> Order:
    """What is not known means the usual one."""
    try:
        return Order(values.get("order", ""))
    except ValueError:
        return Order.VOTES


def view_of(values: Mapping[str, str]) -> str:
    """What else than a page of its own it is; empty: that."""
    view = values.get("view", "")
    return view if view in (EMBED, WIDGET) else ""


def here(addresses: PageAddresses, address: str, values: Mapping[str, str]) -> str:
    """The path of ours at which somebody is who sent these; `page` is a talk (its guid)."""
    talk, chosen = values.get("page", ""), order_of(values)
    is_there = bool(talk) and addresses.programme.address_by_guid(talk) == address
    path = addresses.talk_path(address, talk) if is_there else addresses.room_path(address)
    query = {"order": chosen.value} if chosen is not Order.VOTES else {}
    if view := view_of(values):
        query["view"] = view
    return f"{path}?{urlencode(query)}" if query else path
