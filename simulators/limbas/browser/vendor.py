"""Bootstrap, its icons and jQuery, which Limbas brings along. Here they come out of the package Bootstrap-Flask."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

_FILES: Final = {
    "jquery.min.js": "bootstrap4/jquery.min.js",
    "popper.min.js": "bootstrap5/umd/popper.min.js",
    "bootstrap.min.js": "bootstrap5/js/bootstrap.min.js",
    "bootstrap.min.css": "bootstrap5/css/bootstrap.min.css",
    "bootstrap-icons.min.css": "bootstrap5/css/font/bootstrap-icons.min.css",
    "fonts/bootstrap-icons.woff2": "bootstrap5/css/font/fonts/bootstrap-icons.woff2",
}


def vendor_file(name: str) -> Path | None:
    """The file that `assets/vendor/<name>` is, if there is one."""
    folder = _folder()
    return folder / _FILES[name] if folder and name in _FILES else None


def is_there() -> bool:
    """Whether the package is installed."""
    return _folder() is not None


def _folder() -> Path | None:
    spec = find_spec("flask_bootstrap")
    return Path(spec.origin).parent / "static" if spec and spec.origin else None
