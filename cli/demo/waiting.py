"""Ports of this machine: finding free ones, and asking whether what listens there is ready."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

HERE: Final = "127.0.0.1"


def free_port() -> int:
    """A TCP port that nobody uses at the moment."""
    with socket.create_server((HERE, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def port_problem(port: int) -> str:
    """Why a TCP port cannot be listened on; empty when it can."""
    try:
        socket.create_server((HERE, port)).close()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


def awaited_by_http(url: str) -> str:
    """Empty when the URL answers 200; else what `/readyz` says is missing."""
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own services
            return ""
    except urllib.error.HTTPError as answer:
        return ", ".join(name for name, there in _readiness(answer).items() if not there) or f"HTTP {answer.code}"
    except (OSError, http.client.HTTPException):
        return "its first answer"


def awaited_on_socket(path: Path) -> str:
    """Empty when somebody listens on a unix socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return "its socket"
    return ""


def _readiness(answer: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        found = json.loads(answer.read())
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    return found if isinstance(found, dict) else {}
