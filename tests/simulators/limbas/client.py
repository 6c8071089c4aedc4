"""A plain `runlmb` client for the simulator's own tests: it knows nothing of the product's one."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final
from xml.sax.saxutils import escape

import phpserialize
import requests

from simulators.limbas.server import PASSWORD

_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope'
    ' xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:xmethodsLimbasServer">'
    "<SOAP-ENV:Body><ns1:runlmb><lmpar>{}</lmpar></ns1:runlmb></SOAP-ENV:Body></SOAP-ENV:Envelope>"
)
CALLS: Final = 5
CONTACTS: Final = 4


class NoAnswer(Exception):
    """What came back is no `runlmb` answer."""


class Client:
    """Speaks to one simulator. Keeps its cookie, as long as nobody takes it away."""

    def __init__(self, url: str, user: str | None = "callmonitor", password: str = PASSWORD) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.auth = (user, password) if user is not None else None

    def post(self, body: bytes) -> requests.Response:
        return self.http.post(f"{self.url}/main_soap.php", data=body, timeout=10)

    def send(self, payload: dict[Any, Any]) -> requests.Response:
        return self.post(envelope(phpserialize.dumps(payload).decode()))

    def ask(self, payload: dict[Any, Any]) -> dict[Any, Any]:
        """The answer, without its session block."""
        answer = decoded(self.send(payload))
        assert answer.pop("session")
        return answer

    def do(self, *actions: dict[Any, Any]) -> dict[Any, Any]:
        return self.ask(dict(enumerate(actions)))

    def insert(self, *records: dict[Any, Any]) -> list[int]:
        answer = self.do(*({"action": "gtab_new", "gtabid": CALLS, "gnup": record} for record in records))
        return [answer[number] for number in range(len(records))]

    def rows(self, table: int = CALLS, wanted: dict[Any, Any] | None = None, **options: Any) -> dict[int, Any]:
        """The rows of a query, by id."""
        answer = self.do(query(table, wanted, **options))
        rows: dict[int, Any] = (answer[0]["fresult"] or {}).get(table, {})
        return rows

    def row(self, record_id: int, table: int = CALLS) -> Any:
        fields = "1,2,3,4,5,6,7,8,9,10,11,12"
        return self.rows(table, {1: {0: str(record_id)}}, showfields=fields, noencode=1, count=1)[record_id]

    def simulator(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.http.request(method, f"{self.url}/_simulator/{path}", json=body, timeout=10)


def query(table: int, wanted: dict[Any, Any] | None = None, **options: Any) -> dict[Any, Any]:
    options.setdefault("showfields", "1,2")
    return {
        "getvars": ["fresult"],
        "action": "gtab_erg",
        "gtabid": table,
        "gsr": {table: wanted or {}},
        table: options,
    }


def link(record_id: int | str, add: str = "", remove: str = "") -> dict[Any, Any]:
    """A `gnup` that links a call to contacts, or removes a link."""
    return {
        "verknpf": [1],
        "verkn_tabid": [CALLS],
        "verkn_fieldid": [13],
        "verkn_ID": [record_id],
        "verkn_add_ID": [add],
        "verkn_del_ID": [remove],
    }


def change(updates: dict[str, str] | None = None, gnup: dict[Any, Any] | None = None) -> dict[Any, Any]:
    return {"action": "gtab_change", "gtabid": CALLS, "gup": updates or {}, "gnup": gnup or {}}


def envelope(argument: str) -> bytes:
    return _ENVELOPE.format(escape(argument)).encode()


def decoded(response: requests.Response) -> dict[Any, Any]:
    returned = re.search(r"<return [^>]*>(.*)</return>", response.content.decode(), re.DOTALL)
    if not returned:
        raise NoAnswer(response.text[:200])
    found: dict[Any, Any] = phpserialize.loads(unescape(returned[1]).encode(), decode_strings=True)
    return found
