"""Behind nginx as our example sets it up, on a sub-path with HTTPS and HTTP/2, everything works as without it."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from services.web.stream_limit import STREAMS_PER_USER
from shared.event_log import EventLog
from tests.proxy.conftest import Behind
from tests.proxy.nginx import Nginx
from tests.waiting import eventually
from tests.web.scenes import ANNA, CLARA, JONAS, Scene, german
from tests.web.screen import cards, says
from tests.web.web_process import WebProcess


@pytest.fixture
def scene(event_log: EventLog) -> Scene:
    return Scene(event_log)


@contextmanager
def asking(
    proxy: Nginx, certificate: Path, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> Iterator[http.client.HTTPResponse]:
    """An answer over HTTPS, while it comes in."""
    trusted = ssl.create_default_context(cafile=certificate / "ca.pem")
    connection = http.client.HTTPSConnection("localhost", proxy.port, timeout=10, context=trusted)
    connection.request("POST" if body else "GET", f"/callmonitor{path}", body, headers or {})
    try:
        with connection.getresponse() as answer:
            yield answer
    finally:
        connection.close()


def bearer(web: WebProcess) -> dict[str, str]:
    return {"Authorization": f"Bearer {web.token()}"}


@contextmanager
def a_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page in a German browser. At the end nothing may have gone wrong in it."""
    context = browser.new_context(locale="de-DE")
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    try:
        page.goto(address)
        yield page
    finally:
        context.close()
    assert complaints == []


@pytest.mark.browser
def test_the_page_works_on_the_sub_path_and_asks_for_nothing_outside_of_it(
    proxy: Nginx, web: WebProcess, scene: Scene, trusting_chromium: Browser
) -> None:
    with a_page(trusting_chromium, "about:blank") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        answer = page.goto(f"{proxy.url}#token={web.token()}")
        assert answer
        assert (answer.http_version(), answer.request.redirected_from is not None) == ("HTTP/2.0", True)
        expect(page.locator("#calls")).to_be_visible()
        scene.ring(german("+492214710123"), ANNA)
        says(cards(page).first, "Anna Schmidt", "0221 4710123")
        with page.expect_response(f"{proxy.url}/api/calls/search") as found:
            page.locator("#search").fill("schmidt")
        assert found.value.status == 200
        assert asked
        assert [address for address in asked if not address.startswith(proxy.url)] == []
        hops = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.nextHopProtocol)")
        assert set(hops) == {"h2"}


@pytest.mark.browser
def test_events_come_one_by_one_over_http_2(
    proxy: Nginx, web: WebProcess, scene: Scene, trusting_chromium: Browser
) -> None:
    with a_page(trusting_chromium, f"{proxy.url}/") as page:
        network = page.context.new_cdp_session(page)
        protocols: dict[str, str] = {}
        network.on(
            "Network.responseReceived",
            lambda seen: protocols.update({seen["response"]["url"]: seen["response"]["protocol"]}),
        )
        network.send("Network.enable")
        page.evaluate(
            """async ([url, token]) => {
                const answer = await fetch(url, {headers: {Authorization: `Bearer ${token}`}});
                const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
                window.nextWith = async (text) => {
                    for (;;) {
                        const {value} = await reader.read();
                        if (value.includes(text)) return value;
                    }
                };
            }""",
            [f"{proxy.url}/events", web.token()],
        )
        page.evaluate("nextWith('event: snapshot')")
        assert protocols[f"{proxy.url}/events"] == "h2"
        for number in range(3):  # each is read before the next one happens, however small it is
            call = scene.ring(german("+492214710123"), ANNA)
            assert call.id in page.evaluate("nextWith('event: call.ringing')"), number
        assert page.evaluate("nextWith(':\\n\\n')"), "heartbeats are not held back, either"


def test_who_comes_back_says_where_it_left_off(
    proxy: Nginx, web: WebProcess, scene: Scene, certificate: Path, event_log: EventLog
) -> None:
    first = scene.ring(german("+492214710123"), ANNA)
    seen = event_log.newest_id() or ""
    missed = scene.ring(german("+494066969044"), JONAS, CLARA)
    eventually(lambda: missed.id.encode() in web.get("/api/calls", **bearer(web)).body)
    with asking(proxy, certificate, "/events", bearer(web) | {"Last-Event-ID": seen}) as answer:
        lines: list[bytes] = []
        while not (lines and b"contact.resolved" in lines[-1]):
            lines.append(answer.readline())
    received = b"".join(lines).decode()
    assert "event: snapshot" not in received
    assert (missed.id in received, first.id in received) == (True, False)


def test_the_api_takes_what_it_takes_without_nginx_and_no_more(
    proxy: Nginx, web: WebProcess, scene: Scene, certificate: Path
) -> None:
    call = scene.ring(german("+492214710123"), ANNA)
    sent = bearer(web) | {"Content-Type": "application/json"}

    def found() -> list[Any]:
        with asking(proxy, certificate, "/api/calls/search", sent, b'{"q": "schmidt"}') as answer:
            assert answer.status == 200
            return [entry["call"]["id"] for entry in json.load(answer)["calls"]]

    eventually(lambda: found() == [call.id])
    with asking(proxy, certificate, "/api/calls/search", sent, b" " * 20_000) as answer:
        assert answer.status == 413


def test_no_token_gets_into_the_logs_whatever_goes_wrong(proxy: Nginx, web: WebProcess, certificate: Path) -> None:
    token = web.token()
    query = f"access_token={token}"
    with asking(proxy, certificate, f"/api/me?{query}") as answer:
        assert answer.status == 200
    with asking(proxy, certificate, f"/events?{query}") as answer:
        assert answer.status == 200
        assert answer.readline()
        web.stop()
    with asking(proxy, certificate, f"/api/calls?{query}") as answer:
        assert answer.status == 502
    eventually(lambda: '"GET /callmonitor/api/calls HTTP/1.1" 502' in proxy.logs())
    logs = proxy.logs()
    assert '"GET /callmonitor/api/me HTTP/1.1" 200' in logs
    assert "access_token" not in logs
    assert token[:20] not in logs


def test_plain_http_is_sent_on_to_https_without_its_query(proxy: Nginx) -> None:
    connection = http.client.HTTPConnection("localhost", proxy.plain_port, timeout=10)
    connection.request("GET", "/callmonitor/?access_token=secret", headers={"Host": "office.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://office.example/callmonitor/")
    connection.close()


def test_who_asks_too_much_has_to_wait(behind: Behind, web: WebProcess, certificate: Path) -> None:
    proxy = behind(web, **{"rate=50r/s": "rate=1r/m", "burst=500": "burst=2", "streams_500": "streams 1"})
    statuses = []
    for _ in range(5):
        with asking(proxy, certificate, "/api/me") as answer:
            statuses.append(answer.status)
    assert statuses == [401, 401, 401, 429, 429]
    with asking(proxy, certificate, "/healthz") as answer:
        assert answer.status == 200, "the page and its parts are not counted"


def test_one_address_has_a_limited_number_of_streams_whoever_it_says_it_is(
    behind: Behind, web: WebProcess, certificate: Path
) -> None:
    proxy = behind(web, streams_500="streams 1")
    with asking(proxy, certificate, "/events", bearer(web)) as first:
        assert first.status == 200
        elsewhere = {"X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
        with asking(proxy, certificate, "/events", bearer(web) | elsewhere) as second:
            assert second.status == 429
        with asking(proxy, certificate, "/api/me", bearer(web)) as answer:
            assert answer.status == 200, "only streams are counted"


def test_web_listens_to_no_header_that_names_an_address(web: WebProcess) -> None:
    """Its streams are limited by user: what a client says of its own address changes nothing."""
    with ExitStack() as streams:
        statuses = []
        for number in range(STREAMS_PER_USER + 1):
            connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)
            connection.request("GET", "/events", headers=bearer(web) | {"X-Forwarded-For": f"192.0.2.{number}"})
            statuses.append(streams.enter_context(connection.getresponse()).status)
    assert statuses == [200] * STREAMS_PER_USER + [429]
