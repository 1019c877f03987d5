"""How the overlay looks, by its address: what cannot be read as what it is to be does nothing."""

from __future__ import annotations

import pytest

from fosdembot.web.overlay_style import chosen, style_sheet


def test_variables_come_of_names_and_values_that_are_known() -> None:
    query = {
        "place": "top-right",
        "ground": "#00000080",
        "--text": "fff",
        "size": "60px",
        "width": "1200",
        "font": "serif",
        "key": "secret",
    }
    assert style_sheet(query) == (
        ':root{--place:start end;--ground:#00000080;--text:#fff;--font:"Noto Serif",serif;'
        "--size:60px;--width:1200px}\n"
    )
    assert "secret" not in str(chosen(query))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ground", "red;}body{display:none"),
        ("ground", "url(https://evil.example/x)"),
        ("ground", "#12345"),
        ("ground", "expression(alert(1))"),
        ("text", "var(--ground)"),
        ("size", "9"),
        ("size", "99999"),
        ("size", "40em"),
        ("size", "-40"),
        ("size", "٤٠"),
        ("width", "calc(1px)"),
        ("place", "center"),
        ("place", ""),
        ("font", "Comic Sans"),
        ("--evil", "1px"),
        ("----ground", "#fff"),
        ("margin", "1px;x:y"),
    ],
)
def test_anything_else_does_nothing(name: str, value: str) -> None:
    assert style_sheet({name: value}) == ":root{}\n"
