"""The office of the logger's own tests."""

from __future__ import annotations

from tests.logger.conftest import office

__all__ = ["office"]
