"""HTTP digest authentication (RFC 7616 with MD5 and `qop=auth`) as the box demands it.

A FRITZ!Box's challenge: `Digest realm="F!Box SOAP-Auth",nonce="A647EDD42CF1AEE3",algorithm=MD5,qop="auth"`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from threading import Lock
from typing import Final
from urllib.request import parse_http_list, parse_keqv_list

REALM: Final = "F!Box SOAP-Auth"
TLS_REALM: Final = "HTTPS Access"


class Digest:
    """The challenges that are out, and who may answer them. May be used from several threads."""

    def __init__(self, passwords: Mapping[str, str], realm: str) -> None:
        """`passwords` by user."""
        self._passwords = passwords
        self._realm = realm
        self._lock = Lock()
        self._counts: dict[str, int] = {}
        """By nonce: how many requests have used it. Each counts its requests, so that none can be played again."""

    def login(self, method: str, target: str, header: str) -> tuple[str, str]:
        """Who sent a request with this `Authorization` header, and the `WWW-Authenticate` header to answer it with.

        One of the two is empty.
        """
        scheme, _, rest = header.partition(" ")
        fields = parse_keqv_list(parse_http_list(rest)) if scheme.lower() == "digest" and "=" in rest else {}
        name, nonce, count = fields.get("username", ""), fields.get("nonce", ""), fields.get("nc", "")
        password = self._passwords.get(name)
        if password is None or fields.get("uri") != target or fields.get("qop") != "auth":
            return "", self._challenge()
        secret = _md5(f"{name}:{self._realm}:{password}")
        request = _md5(f"{method}:{target}")
        due = _md5(f"{secret}:{nonce}:{count}:{fields.get('cnonce', '')}:auth:{request}")
        if not hmac.compare_digest(due, fields.get("response", "")):
            return "", self._challenge()
        if not self._counts_on(nonce, count):
            return "", f"{self._challenge()},stale=true"
        return name, ""

    def forget_nonces(self) -> None:
        """As the box does after a while: whoever has one needs a new one."""
        with self._lock:
            self._counts.clear()

    def _challenge(self) -> str:
        nonce = secrets.token_hex(8).upper()
        with self._lock:
            self._counts[nonce] = 0
        return f'Digest realm="{self._realm}",nonce="{nonce}",algorithm=MD5,qop="auth"'

    def _counts_on(self, nonce: str, count: str) -> bool:
        try:
            number = int(count, 16)
        except ValueError:
            return False
        with self._lock:
            if number <= self._counts.get(nonce, number):
                return False
            self._counts[nonce] = number
            return True


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
