"""What a Jitsi server is called inside, from the script that it gives to browsers."""

from __future__ import annotations

import pytest

from fosdembot.jitsi.config_js import MOST_CHARACTERS, value, without_comments
from fosdembot.jitsi.inner_names import InnerNames, read_names
from fosdembot.jitsi.meeting import MeetingError, Trouble
from fosdembot.meeting_url import MeetingUrl
from fosdembot.setting_sections import JitsiServer

HALL = MeetingUrl.parse("https://meet.example.org/Hall")
DOCKER = """
/* eslint-disable comma-dangle, no-unused-vars, no-var */
var subdomain = '<!--# echo var="subdomain" default="" -->';
var subdir = '<!--# echo var="subdir" default="" -->';
if (subdir.indexOf('<!--') === 0) { subdir = ''; }
var config = {};
if (!config.hasOwnProperty('hosts')) config.hosts = {};
config.hosts.domain = 'meet.jitsi';
config.focusUserJid = 'focus@auth.meet.jitsi';
config.hosts.muc = 'muc.' + subdomain + 'meet.jitsi';
config.bosh = 'https://meet.example.org/' + subdir + 'http-bind';
config.websocket = 'wss://meet.example.org/' + subdir + 'xmpp-websocket';
config.websocketKeepAliveUrl = 'https://meet.example.org/_unlock';
"""
DEBIAN = """
var subdomain = "<!--# echo var="subdomain" default="" -->";
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}
var config = {
    // Connection
    //
    hosts: {
        // XMPP domain.
        domain: 'jitsi.example.org',
        // When using authentication, domain for guest users.
        // anonymousdomain: 'guest.example.com',
        // Domain for authenticated users. Defaults to <domain>.
        // authdomain: 'jitsi-meet.example.com',
        /* muc: 'commented.example.org', */
        // MUC domain
        muc: 'conference.' + subdomain + 'jitsi.example.org',
    },
    // BOSH URL. FIXME: use XEP-0156 to discover it.
    bosh: 'https://jitsi.example.org/' + subdir + 'http-bind',
    // Websocket URL (XMPP)
    // websocket: 'wss://elsewhere.example.com/' + subdir + 'other',
    openBridgeChannel: 'websocket',
};
"""


def names(script: str, meeting: MeetingUrl = HALL, **server: str) -> InnerNames:
    return read_names(script, meeting, JitsiServer.model_validate(server))


def test_of_docker_jitsi_meet() -> None:
    assert names(DOCKER) == InnerNames(
        "meet.jitsi", "muc.meet.jitsi", "wss://meet.example.org/xmpp-websocket?room=hall"
    )


def test_of_debian_s_packages() -> None:
    assert names(DEBIAN) == InnerNames(
        "jitsi.example.org",
        "conference.jitsi.example.org",
        "wss://meet.example.org/xmpp-websocket?room=hall",
    )


def test_guests_of_a_secure_domain_have_one_of_their_own() -> None:
    script = DEBIAN.replace("// anonymousdomain", "anonymousdomain")
    assert names(script).domain == "guest.example.com"


def test_of_a_tenant() -> None:
    meeting = MeetingUrl.parse("https://meet.example.org/Some.Customer/Hall")
    assert names(DOCKER, meeting) == InnerNames(
        "meet.jitsi",
        "muc.some_customer.meet.jitsi",
        "wss://meet.example.org/some.customer/xmpp-websocket?room=hall",
    )


def test_of_a_tenant_whose_script_names_it() -> None:
    meeting = MeetingUrl.parse("https://meet.example.org/customer/Hall")
    found = names(DOCKER.replace("'muc.'", "'muc.customer.'"), meeting)
    assert found.muc == "muc.customer.meet.jitsi"


def test_rooms_are_written_as_the_app_writes_them() -> None:
    meeting = MeetingUrl.parse("https://meet.example.org/Caf%C3%89%20%EF%BC%91")
    assert names(DOCKER, meeting).websocket.endswith("?room=caf%25c3%25a9%25201")


def test_what_the_settings_say_comes_first() -> None:
    assert names(
        DOCKER, domain="a.example", muc="b.example", websocket="wss://c.example/x?y=z"
    ) == InnerNames("a.example", "b.example", "wss://c.example/x?y=z&room=hall")


def test_names_are_those_that_the_server_says_however_they_are_written() -> None:
    script = "config.hosts.domain = 'Meet.Jitsi'; config.hosts.muc = 'MUC.Meet.Jitsi';"
    found = names(script), names(DOCKER, domain="Meet.Jitsi", muc="MUC.Meet.Jitsi")
    assert [(each.domain, each.muc) for each in found] == [("meet.jitsi", "muc.meet.jitsi")] * 2


@pytest.mark.parametrize(
    "address",
    [
        "wss://evil.example/xmpp-websocket",
        "wss://meet.example.org@evil.example/xmpp-websocket",
        "//evil.example/xmpp-websocket",
        "wss://evil.example/xmpp-websocket?token=",
        "wss://[evil/xmpp-websocket",
        "wss://evil.example/x\\r\\nHost: evil",
        "wss://evil.example/@evil.example:443/../%2e%2e/",
        "",
    ],
)
def test_no_script_leads_to_another_host(address: str) -> None:
    script = f"config.hosts.domain = 'meet.jitsi'; config.websocket = '{address}';"
    found = names(script).websocket
    assert found == "wss://meet.example.org/xmpp-websocket?room=hall"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "<html>Not found</html>",
        "config.hosts.domain = 'not a name';",
        "config.hosts.domain = 'a.example/resource';",
        "config.hosts.domain = 'x" + ".x" * 127 + "';",
        "config.hosts.domain = 'a.example'; config.hosts.muc = 'room@b.example';",
        "// config.hosts.domain = 'a.example'",
        "/* config.hosts.domain = 'a.example'",
    ],
)
def test_a_script_without_names_is_refused(script: str) -> None:
    with pytest.raises(MeetingError) as caught:
        names(script)
    assert caught.value.trouble is Trouble.UNREADABLE


def test_comments_are_left_out_and_strings_are_not() -> None:
    script = "a: 'http://x/*', /* b: '1', */ // c: '2'\n\"//d\": '3',"
    assert value(without_comments(script), "a") == "http://x/*"
    assert value(without_comments(script), "b") == ""
    assert value(without_comments(script), "c") == ""


@pytest.mark.parametrize(
    "piece", ["/*", "'", "'\\", "//", "/* * ", '"a" ', "domain ", "domain:", "x/", "\\"]
)
def test_a_hostile_script_costs_no_more_than_it_is_long(piece: str) -> None:
    # Where it did, this would take hours.
    script = without_comments(piece * (10_000_000 // len(piece)))
    assert len(script) <= MOST_CHARACTERS
    assert len(value(script, "domain")) <= 1000
