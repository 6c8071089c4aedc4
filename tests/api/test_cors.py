"""Which other sites' pages may use the service: in the headers, and in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser

from services.web.origins import origin
from shared.event_log import EventLog
from tests.valkey import Valkey
from tests.waiting import eventually
from tests.web.conftest import Start
from tests.web.scenes import JONAS, Scene, german
from tests.web.web_process import WebProcess

LIMBAS, ELSEWHERE = "https://limbas.example", "https://elsewhere.example"
PREFLIGHT = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,last-event-id"}
SHARED = ["/api/me", "/api/calls", "/api/openapi.json", "/static/client/calls.js", "/events", "/api/nothing"]


class EmptyPage(BaseHTTPRequestHandler):
    """A site whose pages have nothing on them."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def other_site() -> Iterator[str]:
    """The origin of another site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def shared(running_valkey: Valkey) -> Iterator[WebProcess]:
    """A service that Limbas' pages may use."""
    process = WebProcess(running_valkey.url.removesuffix("/0") + "/1", WEB_ORIGINS=f"{LIMBAS}, http://limbas:8080/")
    process.start()
    yield process
    process.close()


def granted(headers: object) -> list[str]:
    return [name for name in dict(headers.items()) if name.lower().startswith("access-control-")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", SHARED)
@pytest.mark.parametrize("asking", [LIMBAS, "http://limbas:8080"])
def test_a_page_of_a_listed_origin_may_read_what_there_is_even_if_it_is_an_error(
    shared: WebProcess, path: str, asking: str
) -> None:
    answer = shared.get(path, Origin=asking)
    assert answer.headers["Access-Control-Allow-Origin"] == asking
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    ("path", "methods"), [("/events", {"GET"}), ("/api/calls", {"GET"}), ("/api/calls/search", {"POST"})]
)
def test_the_browser_may_ask_beforehand_and_needs_no_token_for_it(
    shared: WebProcess, path: str, methods: set[str]
) -> None:
    answer = shared.get(path, "OPTIONS", Origin=LIMBAS, **PREFLIGHT)
    assert answer.status == 200
    assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) >= methods
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "last-event-id", "content-type"} <= set(allowed)
    assert answer.headers["Access-Control-Max-Age"] == "7200"
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", SHARED)
@pytest.mark.parametrize(
    "asking", [ELSEWHERE, "null", f"{LIMBAS}.evil.example", "http://limbas.example", f"{LIMBAS}:8443"]
)
def test_pages_of_other_origins_are_granted_nothing(shared: WebProcess, path: str, asking: str) -> None:
    for method in ("GET", "OPTIONS"):
        answer = shared.get(path, method, Origin=asking, **PREFLIGHT)
        assert granted(answer.headers) == []
        assert "Origin" in answer.headers["Vary"], "or a cache would give the one's answer to the other"


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
def test_what_no_other_page_needs_is_shared_with_none(shared: WebProcess, path: str) -> None:
    assert granted(shared.get(path, Origin=LIMBAS).headers) == []


@pytest.mark.browser
def test_a_real_browser_lets_a_listed_page_read_calls_and_events_and_no_other_one(
    start: Start, chromium: Browser, event_log: EventLog, other_site: str
) -> None:
    web, closed = start(WEB_ORIGINS=other_site), start()
    for service in (web, closed):
        service.start()
    call = Scene(event_log).ring(german("+494066969044"), JONAS)
    eventually(lambda: call.id in web.get("/api/calls", Authorization=f"Bearer {web.token()}").body.decode())
    read = """async ([url, token, path]) => {
        const headers = {Authorization: `Bearer ${token}`, "Last-Event-ID": "0-0"};
        const answer = await fetch(url + path, {headers});
        const {value} = await answer.body.getReader().read();
        return new TextDecoder().decode(value);
    }"""
    search = """async ([url, token]) => {
        const headers = {Authorization: `Bearer ${token}`, "Content-Type": "application/json"};
        const answer = await fetch(url + "/api/calls/search", {method: "POST", headers, body: '{"q": "weber"}'});
        return (await answer.json()).calls.length;
    }"""
    attempt = "async (run) => { try { return await run(); } catch (error) { return String(error); } }"
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.goto(other_site)
        assert call.id in page.evaluate(read, [web.url, web.token(), "/api/calls"])
        assert page.evaluate(read, [web.url, web.token(), "/events"]).startswith("retry: ")
        assert page.evaluate(search, [web.url, web.token()]) == 1
        module = "async (url) => Object.keys(await import(url + '/static/client/calls.js'))"
        assert "Calls" in page.evaluate(module, web.url)
        refused = page.evaluate(f"([url, token, path]) => ({attempt})(() => ({read})([url, token, path]))",
                                [closed.url, closed.token(), "/api/calls"])  # fmt: skip
        assert "Failed to fetch" in refused
    finally:
        context.close()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://limbas.example", "https://limbas.example"),
        (" HTTPS://Limbas.Example/ ", "https://limbas.example"),
        ("https://limbas.example:443", "https://limbas.example"),
        ("http://limbas.example:80/", "http://limbas.example"),
        ("http://192.168.178.5:8000", "http://192.168.178.5:8000"),
        ("http://[fd00::5]:8000", "http://[fd00::5]:8000"),
        ("http://limbas", "http://limbas"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(written: str, expected: str) -> None:
    assert origin(written) == expected


@pytest.mark.parametrize(
    "written",
    ["*", "null", "", "limbas.example", "//limbas.example", "ftp://limbas.example", "https://", "https://*.example",
     "https://limbas.example/limbas", "https://limbas.example?x", "https://limbas.example#x", "https://a b.example",
     "https://user:secret@limbas.example", "https://limbas.example:0", "https://limbas.example:99999",
     "https://limbäs.example", "https://[fd00::5", "https://limbas.example:port"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no origin; write it as"):
        origin(written)


def test_a_wrong_origin_among_the_settings_is_one_sentence(start: Start) -> None:
    web = start(WEB_ORIGINS="https://limbas.example https://limbas.example/limbas")
    assert web.launch().wait(timeout=30) == 2
    assert "which is wrong: 'https://limbas.example/limbas' is no origin; write it as https://limbas." in web.log()
    assert web.log().startswith("WEB_ORIGINS is 'https://limbas.example https://")
    assert web.log().count("\n") == 1


def test_origins_may_stand_in_the_configuration_file(start: Start, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("configuration") / "callmonitor.toml"
    file.write_text(f'web_origins = ["{LIMBAS}", "https://other.example"]\n')
    web = start(CALLMONITOR_CONFIG=str(file))
    web.start()
    assert web.get("/api/me", Origin=LIMBAS).headers["Access-Control-Allow-Origin"] == LIMBAS
