"""`python -m shared.health_check URL`: exit code 0 when the URL answers 200. What containers are checked with.

A module of its own without any import of ours: it runs every few seconds in every container.
"""

from __future__ import annotations

import http.client
import sys
import urllib.request
from http import HTTPStatus


def main() -> int:
    """The process's exit code."""
    try:
        with urllib.request.urlopen(sys.argv[1], timeout=3) as answer:  # noqa: S310 - the compose file's own URL
            return 0 if answer.status == HTTPStatus.OK else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
