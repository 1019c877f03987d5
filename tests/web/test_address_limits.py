"""How often something may be done from one address, and which address that is."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from fosdembot.web import address_limits
from fosdembot.web.address_limits import AddressLimit, address_of
from fosdembot.web.refusals import Declined
from simulation.stepped_clock import SteppedClock


@pytest.mark.parametrize(
    ("proxies", "passed", "address"),
    [
        # Without a proxy of ours, the header is the browser's own.
        (0, ["1.2.3.4"], "unknown"),
        (1, [], "unknown"),
        (1, ["9.9.9.9, 1.2.3.4"], "1.2.3.4"),
        (1, ["9.9.9.9", "1.2.3.4"], "1.2.3.4"),
        (2, ["9.9.9.9, 1.2.3.4, 10.0.0.1"], "1.2.3.4"),
        # It came past the outer proxy.
        (2, ["1.2.3.4"], "1.2.3.4"),
        (1, ["1.2.3.4:5678"], "1.2.3.4"),
        (1, ["[2001:db8:1:2:3::4]:5678"], "2001:db8:1:2::/64"),
        (1, ["2001:db8:1:2:ffff::1"], "2001:db8:1:2::/64"),
        (1, ["fe80::1%eth0"], "fe80::/64"),
        (1, ["::ffff:1.2.3.4"], "1.2.3.4"),
        (1, ["1.2.3.4, <script>"], "unknown"),
        (1, [""], "unknown"),
        (1, [","], "unknown"),
    ],
)
def test_the_address_is_what_our_own_proxies_name(
    proxies: int, passed: list[str], address: str
) -> None:
    headers = CIMultiDict(("X-Forwarded-For", each) for each in passed)
    request = make_mocked_request("GET", "/", headers=headers)
    # The one whose connection it is cannot be read here.
    assert address_of(request, proxies) == address


async def test_so_often_at_once_and_as_often_again_in_that_time() -> None:
    clock = SteppedClock()
    limit = AddressLimit(clock, proxies=0, most=3, seconds=60)
    assert [limit.seconds_to_wait("1.2.3.4") for _ in range(3)] == [None] * 3
    assert limit.seconds_to_wait("1.2.3.4") == pytest.approx(20)
    assert limit.seconds_to_wait("5.6.7.8") is None, "others have their own"
    await clock.advance(20)
    assert limit.seconds_to_wait("1.2.3.4") is None
    assert limit.seconds_to_wait("1.2.3.4") == pytest.approx(20)


async def test_who_tries_on_and_on_need_not_wait_longer() -> None:
    limit = AddressLimit(SteppedClock(), proxies=0, most=1, seconds=60)
    waits = [limit.seconds_to_wait("1.2.3.4") for _ in range(100)]
    assert waits == [None, *[pytest.approx(60)] * 99]


async def test_it_is_refused_in_a_sentence_and_told_how_long_to_wait() -> None:
    limit = AddressLimit(SteppedClock(), proxies=0, most=1, seconds=60)
    request = make_mocked_request("GET", "/")
    limit.take(request)
    with pytest.raises(Declined) as declined:
        limit.take(request)
    assert declined.value.status == 429
    assert declined.value.retry_after == pytest.approx(60)


async def test_it_remembers_a_bounded_number_of_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_limits, "MOST_ADDRESSES", 10)
    limit = AddressLimit(SteppedClock(), proxies=0, most=1, seconds=60)
    for number in range(100):
        limit.seconds_to_wait(f"10.0.0.{number}")
    assert len(limit._free_at) == 10
    assert limit.seconds_to_wait("10.0.0.99") is not None, "the newest are those that are kept"
