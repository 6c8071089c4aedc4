"""Somebody who asks the API over plain HTTP."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlencode

from services.web.rights import EVERYTHING, Rights
from tests.web.web_process import WebProcess


@dataclass(frozen=True)
class Answer:
    """What the API said."""

    status: int
    headers: Message
    data: Any

    @property
    def ids(self) -> list[str]:
        """Of the calls in it."""
        return [entry["call"]["id"] for entry in self.data["calls"]]


@dataclass(frozen=True)
class Api:
    """The API of a running service, as the holder of a token sees it."""

    web: WebProcess
    rights: Rights = EVERYTHING
    user: str = "anna"

    def get(self, path: str, **query: str | int | None) -> Answer:
        """Ask for something."""
        given = {name: value for name, value in query.items() if value is not None}
        return self.send("GET", f"{path}?{urlencode(given)}" if given else path)

    def post(self, path: str, body: object) -> Answer:
        """Send JSON."""
        return self.send("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Any request, with the token unless the headers say otherwise."""
        sent = {"Authorization": f"Bearer {self.web.token(user=self.user, rights=self.rights)}"} | (headers or {})
        with closing(http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=10)) as connection:
            connection.request(method, f"/api{path}", body, {name: text for name, text in sent.items() if text})
            answer = connection.getresponse()
            document = answer.read()
            return Answer(answer.status, answer.headers, json.loads(document) if document else None)
