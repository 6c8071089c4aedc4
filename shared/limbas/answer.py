"""Is it a SOAP answer at all? What Limbas, PHP and Apache send instead, told apart before zeep sees it."""

from __future__ import annotations

import re
from typing import Final

from shared.limbas.errors import CutOff, HtmlAnswer, LimbasUnavailable, PhpWarning, Redirected, ServerError

_ENVELOPE: Final = re.compile(rb"<(?:[\w-]+:)?Envelope[\s>]")
_XML_START: Final = re.compile(rb"<\?xml\s|<(?:[\w-]+:)?Envelope[\s>]")
_XML_END: Final = re.compile(rb"</(?:[\w-]+:)?Envelope\s*>")
_LOGIN_PAGE: Final = re.compile(rb"""<input\b[^>]*\bname=["']password["']""", re.IGNORECASE)
_BOM: Final = b"\xef\xbb\xbf"
_HTTP_OK: Final = 200
_HTTP_UNAUTHORIZED: Final = 401


def is_login_page(status: int, body: bytes) -> bool:
    """Whether Limbas asks to log in: by its page, with HTTP 200 (recordings 50 to 52), or a web server ahead by 401."""
    return status == _HTTP_UNAUTHORIZED or (not _ENVELOPE.search(body) and bool(_LOGIN_PAGE.search(body)))


def envelope(status: int, body: bytes) -> bytes:
    """The SOAP envelope in an HTTP answer that `is_login_page` has not caught. It may hold a fault.

    White space around the envelope is dropped; PHP files that end in empty lines put it there, and XML forbids it.
    Raises one of `LimbasUnavailable`'s classes when there is no envelope, or not a clean one.
    """
    body = body.removeprefix(_BOM).strip()
    if not _ENVELOPE.search(body):
        raise _no_envelope(status, body)
    if not _XML_START.match(body):
        raise PhpWarning(
            "PHP prints a warning ahead of Limbas' answer: display_errors must be off in the server's php.ini."
        )
    ends = list(_XML_END.finditer(body))
    if not ends:
        raise CutOff("Limbas' answer ends in the middle: the server or the connection broke off.")
    if ends[-1].end() != len(body):
        raise PhpWarning(
            "PHP prints a warning after Limbas' answer: display_errors must be off in the server's php.ini."
        )
    return body


def _no_envelope(status: int, body: bytes) -> LimbasUnavailable:
    if 300 <= status < 400:
        return Redirected("The server at LIMBAS_URL sends us to another address: set LIMBAS_URL to that one.")
    if status != _HTTP_OK:
        return ServerError(f"The server at LIMBAS_URL answers with the HTTP status {status}.")
    if not body:
        return CutOff("Limbas' answer is empty: PHP died, or there is no Limbas at LIMBAS_URL.")
    if body.startswith(b"<?xml"):
        return CutOff("Limbas' answer ends in the middle: the server or the connection broke off.")
    return HtmlAnswer(
        "Limbas answers with a web page and not with SOAP: "
        "it reports an error or is being maintained, or LIMBAS_URL leads elsewhere."
    )
