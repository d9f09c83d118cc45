"""The guard: private addresses are never connected to, however they are dressed up."""

import asyncio
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import FetchConfig
from feeds.clock import SystemClock
from feeds.errors import Refused, Unreachable
from feeds.http import build_fetcher, is_public
from feeds.http.guard import redact
from feeds.models import Request
from tests.fakes.newspaper import Newspaper, newspaper, page, redirect

CLOSED = """
127.0.0.1 127.255.255.255 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
100.64.0.1 192.0.0.8 192.88.99.1 198.18.0.1 192.0.2.1 198.51.100.1 203.0.113.1 224.0.0.1
255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1
64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2002:c0a8:101:: 2001::1 2001:0:7f00:1::1
2001:0:808:808:0:0:80ff:fffe fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001:db8::1 3fff::1 5f00::1
"""
OPEN = "8.8.8.8 1.1.1.1 223.5.5.5 172.32.0.1 100.128.0.1 2400:3200::1 64:ff9b::808:808 2002:808:808:: ::ffff:8.8.8.8"


@pytest.mark.parametrize("address", CLOSED.split())
def test_case_020_an_address_that_is_not_public_is_known_as_such(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OPEN.split())
def test_a_public_address_is_known_as_such(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_in_ipv6_clothes_is_as_public_as_it_is_naked(
    address: ipaddress.IPv4Address,
) -> None:
    bits = int(address)
    clothes = (0xFFFF << 32 | bits, 0x64_FF9B << 96 | bits, 0x2002 << 112 | bits << 80)
    for dressed in clothes:
        assert is_public(ipaddress.IPv6Address(dressed)) == is_public(address)


REFUSED_URLS = {
    "19-loopback": "http://127.0.0.1:{port}/",
    "19-metadata": "http://169.254.169.254/latest/",
    "19-ten": "http://10.0.0.1/",
    "19-carrier": "http://100.64.0.1/",
    "20-v6": "http://[::1]:{port}/",
    "20-any": "http://[::]:{port}/",
    "20-mapped": "http://[::ffff:127.0.0.1]:{port}/",
    "20-nat64": "http://[64:ff9b::7f00:1]/",
    "20-6to4": "http://[2002:7f00:1::]/",
    "20-zone": "http://[fe80::1%25lo]:{port}/",
    "21-hex": "http://0x7f000001:{port}/",
    "21-full-width": "http://１２７.０.０.１:{port}/",
    "21-circled": "http://①②⑦.⓪.⓪.①:{port}/",
    "21-stops": "http://127。0。0。1:{port}/",
    "24-localhost": "http://localhost:{port}/",
    "25-userinfo": "http://good@127.0.0.1:{port}/",
    "25-backslash": "http://good\\@127.0.0.1:{port}/",
    "scheme": "file:///etc/passwd",
    "no-host": "http:///path",
    "control": "http://good/\r\nHost: evil",
}


@pytest.mark.parametrize("url", REFUSED_URLS.values(), ids=REFUSED_URLS.keys())
async def test_case_url_to_a_private_place_is_refused_and_no_packet_sent(url: str) -> None:
    async with newspaper() as canary:
        fetcher = build_fetcher(FetchConfig.model_validate({"gap": "0s"}), SystemClock())
        try:
            with pytest.raises(Refused):
                await fetcher.fetch(Request(url.format(port=canary.host.partition(":")[2])))
        finally:
            await fetcher.close()
        assert canary.asked == []


@pytest.mark.parametrize(
    "url", ["http://2130706433/", "http://127.1/", "http://0/", "http://0177.0.0.1/"]
)
async def test_case_021_numbers_that_mean_loopback_lead_nowhere(url: str) -> None:
    fetcher = build_fetcher(FetchConfig(), SystemClock())
    try:
        with pytest.raises((Refused, Unreachable)):
            await fetcher.fetch(Request(url))
    finally:
        await fetcher.close()


async def _fetch(paper: Newspaper, path: str, *allow: str) -> object:
    fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host, *allow]), SystemClock())
    try:
        return await fetcher.fetch(Request(paper.url(path)))
    finally:
        await fetcher.close()


async def test_case_019_redirect_to_loopback_is_refused_though_the_first_host_is_allowed() -> None:
    async with newspaper() as paper, newspaper() as canary:
        paper["/"] = redirect(canary.url("/secret"))
        canary["/secret"] = page("secret")
        with pytest.raises(Refused):
            await _fetch(paper, "/")
        assert canary.asked == []


async def test_an_allowed_host_is_allowed_under_its_own_name_and_port_only() -> None:
    async with newspaper() as paper:
        paper["/"] = page("春耕")
        paper["/alias"] = redirect(paper.url("/").replace("127.0.0.1", "localhost"))
        await _fetch(paper, "/")
        with pytest.raises(Refused):
            await _fetch(paper, "/alias")
        assert paper.paths() == ["/", "/alias"]


@pytest.mark.parametrize(
    "to",
    [
        "ftp://example.org/",
        "javascript:alert(1)",
        "http://u:p@example.org/",
        "http:\\\\evil/",
        "//[",
    ],
)
async def test_a_redirect_to_anything_but_a_clean_http_url_is_refused(to: str) -> None:
    async with newspaper() as paper:
        paper["/"] = redirect(to)
        with pytest.raises(Refused):
            await _fetch(paper, "/")


@pytest.mark.parametrize("port", [22, 25, 6379, 8081])
async def test_case_026_a_port_that_is_not_the_newspapers_is_refused(port: int) -> None:
    fetcher = build_fetcher(FetchConfig(), SystemClock())
    try:
        with pytest.raises(Refused, match=f"port {port}"):
            await fetcher.fetch(
                Request(f"http://paper.invalid:{port}/"), site="http://paper.invalid/"
            )
    finally:
        await fetcher.close()


async def test_a_connection_of_an_allowed_host_is_never_lent_to_another_name() -> None:
    async with newspaper() as paper:
        paper["/"] = page("春耕")
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), SystemClock())
        try:
            await fetcher.fetch(Request(paper.url("/")))
            other = paper.url("/").replace("127.0.0.1", "localhost")
            results = await asyncio.gather(
                fetcher.fetch(Request(other)),
                fetcher.fetch(Request(paper.url("/"))),
                return_exceptions=True,
            )
        finally:
            await fetcher.close()
        assert isinstance(results[0], Refused)
        assert not isinstance(results[1], BaseException)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@h/x?id=3#f", "https://h/x?id=3"),
        ("https://h/?token=abc&id=3", "https://h/?token=***&id=3"),
        ("https://h/?x=" + "a" * 40, "https://h/?x=***"),
        ("https://h/plain", "https://h/plain"),
    ],
)
def test_case_200_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert redact(url) == shown
