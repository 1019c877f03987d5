"""XML of meetings: what comes is not trusted, what leaves harms nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.jitsi import stanzas as xml
from fosdembot.jitsi.stanzas import BadXml, harmless, make, read, sub, write

HOSTILE = {
    "an entity": '<!DOCTYPE a [<!ENTITY b "c">]><a xmlns="x">&b;</a>',
    "an external entity": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a xmlns="x"/>',
    "a comment": '<a xmlns="x"><!-- c --></a>',
    "a section of text": '<a xmlns="x"><![CDATA[c]]></a>',
    "a processing instruction": '<?xml version="1.0"?><a xmlns="x"/>',
    "half of an element": '<a xmlns="x"><b>',
    "two elements": '<a xmlns="x"/><a xmlns="x"/>',
    "no element": "hello",
    "nothing": "",
    "a prefix that is not declared": "<p:a/>",
    "an entity that is not declared": '<a xmlns="x">&b;</a>',
    "a control character": '<a xmlns="x">\x00</a>',
    "a control character by its number": '<a xmlns="x">&#1;</a>',
    "a surrogate by its number": '<a xmlns="x">&#xD800;</a>',
    "a lone surrogate": '<a xmlns="x">\ud800</a>',
    "an attribute twice": '<a xmlns="x" b="1" b="2"/>',
    "too many elements": '<a xmlns="x">' + "<b/>" * 5_001 + "</a>",
    "too deep": "<a>" * 5_001 + "</a>" * 5_001,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_stanza_is_refused_without_repeating_it(what: str) -> None:
    with pytest.raises(BadXml) as caught:
        read(HOSTILE[what])
    assert "passwd" not in str(caught.value)


@pytest.mark.parametrize("declared", ["", f' xmlns:stream="{xml.STREAMS}"'])
@pytest.mark.parametrize("name", ["error", "features"])
def test_a_prefix_that_prosody_13_does_not_declare_is_understood(name: str, declared: str) -> None:
    inside = '<host-unknown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>'
    element = read(f"<stream:{name}{declared}>{inside}</stream:{name}>")
    assert element.tag == f"{{{xml.STREAMS}}}{name}"
    assert len(element) == 1
    assert read(f"<stream:{name}/>").tag == element.tag


def test_a_deep_stanza_is_read_written_and_let_go() -> None:
    depth = 2_000
    element = read('<a xmlns="x">' + "<a>" * depth + "</a>" * depth + "</a>")
    assert sum(1 for _ in element.iter()) == depth + 1


def test_elements_are_written_as_clients_write_them() -> None:
    message = make("message", to="a@b", type="groupchat")
    sub(message, "body", xml.CLIENT, "1 < 2 & 'so' \"on\"")
    sub(message, "fallback", "urn:xmpp:fallback:0", for_=xml.RETRACT)
    assert write(message) == (
        '<message xmlns="jabber:client" to="a@b" type="groupchat">'
        "<body>1 &lt; 2 &amp; 'so' \"on\"</body>"
        '<fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:message-retract:1"/></message>'
    )


@given(st.text())
def test_whatever_is_put_into_a_stanza_comes_out_harmless(text: str) -> None:
    element = make("body", text=text, id=text)
    back = read(write(element))
    assert (back.text or "") == harmless(text)
    # Line breaks and tabs in attributes are blanks to XML (section 3.3.3).
    assert back.get("id", "").split() == harmless(text).split()


@given(st.text(alphabet=st.characters(codec=None)))
def test_harmless_text_has_nothing_that_xml_forbids(text: str) -> None:
    for char in harmless(text):
        assert char in "\t\n" or (char.isprintable() or not char.isascii())
        assert not 0xD800 <= ord(char) <= 0xDFFF
        assert not 0x7F <= ord(char) <= 0x9F


def test_line_breaks_and_emoji_are_kept() -> None:
    assert harmless("one\r\ntwo\n👍🏽") == "one\ntwo\n👍🏽"
    assert harmless("a\x00b\x1bc\ufffe\u2028") == "a\ufffdb\ufffdc\ufffd\ufffd"


def test_an_error_is_named_with_its_words() -> None:
    error = read(
        f'<error xmlns="jabber:client"><not-allowed xmlns="{xml.STANZAS}"/>'
        f'<text xmlns="{xml.STANZAS}">token required</text></error>'
    )
    assert xml.condition(error) == ("not-allowed", "token required")
    assert xml.condition(make("error")) == ("", "")
