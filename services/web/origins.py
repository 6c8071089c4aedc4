"""Origins: where a page comes from, as browsers say it of themselves. Source: RFC 6454, "ASCII serialization"."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.ASCII)
_USUAL_PORTS: Final = {"https": 443, "http": 80}
_NO_ORIGIN: Final = "{!r} is no origin; write it as https://limbas.example or http://192.168.178.5:8000"


def origin(written: str) -> str:
    """An origin as browsers send it: `https://limbas.example`. Raises `ValueError` when `written` is none."""
    try:
        parts = urlsplit(written.strip().lower())
        host, _, _ = parts.netloc.rpartition(f":{parts.port}") if parts.port is not None else (parts.netloc, "", "")
        port, usual = parts.port, _USUAL_PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise ValueError(_NO_ORIGIN.format(written)) from None
    if not _HOST.fullmatch(host) or port == 0 or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(_NO_ORIGIN.format(written))
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")
