"""Where redirects may lead: within what one newspaper registered, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import FetchConfig
from feeds.clock import SystemClock
from feeds.errors import Elsewhere, Refused
from feeds.http import build_fetcher
from feeds.http.site import is_same_site, registered
from feeds.models import Document, Request
from tests.fakes.newspaper import newspaper, page, redirect

REGISTERED = {
    "example.com": "example.com",
    "www.example.com": "example.com",
    "paper.people.com.cn": "people.com.cn",
    "epaper.gmw.cn": "gmw.cn",
    "szb.huaian.js.cn": "huaian.js.cn",
    "js.cn": None,
    "com.cn": None,
    "news.takungpao.com.hk": "takungpao.com.hk",
    "paper.yomiuri.co.jp": "yomiuri.co.jp",
    "co.example": "co.example",
    "127.0.0.1": None,
    "[::1]": None,
    "localhost": None,
}


@pytest.mark.parametrize(("host", "name"), REGISTERED.items(), ids=REGISTERED.keys())
def test_the_registered_name_of_a_host(host: str, name: str | None) -> None:
    assert registered(host) == name


@pytest.mark.parametrize(("host", "other", "same"), [
    ("www.example.com", "example.com", True),
    ("EPAPER.example.com", "www.example.com.", True),
    ("paper.people.com.cn", "data.people.com.cn", True),
    ("a.com.cn", "b.com.cn", False),
    ("example.com", "example.org", False),
    ("example.com", "example.com.evil.org", False),
    ("notexample.com", "example.com", False),
    ("127.0.0.1", "127.0.0.1", True),
    ("127.0.0.1", "127.0.0.2", False),
])  # fmt: skip
def test_whether_two_hosts_are_one_site(host: str, other: str, same: bool) -> None:
    assert is_same_site(host, other) is same
    assert is_same_site(other, host) is same


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_host_breaks_the_rule_and_each_is_its_own_site(host: str, other: str) -> None:
    assert is_same_site(host, host)
    assert is_same_site(host, other) is is_same_site(other, host)


async def test_case_027_039_a_redirect_to_another_site_is_soft_and_sends_nothing_there() -> None:
    async with newspaper() as paper:
        paper["/"] = redirect("http://parked.example.org/")
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), SystemClock())
        with pytest.raises(Elsewhere, match="another site"):
            await fetcher.fetch(Request(paper.url("/")))
        await fetcher.close()


async def test_case_027_an_allowed_host_may_be_redirected_to() -> None:
    async with newspaper() as paper, newspaper() as other:
        paper["/"] = redirect(other.url("/"))
        other["/"] = page("春耕")
        allowed = [paper.host, other.host]
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=allowed), SystemClock())
        answer = await fetcher.fetch(Request(paper.url("/")))
        await fetcher.close()
    assert isinstance(answer, Document)
    assert answer.url == other.url("/")


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "172.16.0.1",
                                     "192.168.1.1", "100.64.0.1", "[::1]", "localhost"])  # fmt: skip
async def test_case_019_a_redirect_to_a_private_place_is_refused(address: str) -> None:
    async with newspaper() as paper:
        paper["/"] = redirect(f"http://{address}:9/secret")
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), SystemClock())
        with pytest.raises(Refused):
            await fetcher.fetch(Request(paper.url("/")))
        await fetcher.close()
        assert paper.paths() == ["/"]
