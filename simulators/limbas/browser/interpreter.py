"""Runs PHP files of extensions with Limbas' variables, each request in a process of its own, as a web server does."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

_HARNESS: Final = Path(str(files("simulators.limbas.browser").joinpath("harness.php")))
_SECONDS: Final = 30
_STRICT: Final = ("-d", "error_reporting=-1", "-d", "display_errors=stderr", "-d", "log_errors=0")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run left."""

    output: str
    globals: Mapping[str, Any]
    """Those of the variables that were asked for, as they are now."""
    complaints: Sequence[str]
    """Notices, warnings and deprecations, with file and line, and why it ended early."""
    left: Sequence[str]
    """New functions, classes, constants and variables, in small letters."""
    called: bool
    """Whether the function was there."""


def find_php() -> str | None:
    """The interpreter, if this machine has one."""
    return shutil.which("php")


def run(
    php: str,
    variables: Mapping[Any, Any],
    include: Sequence[Path],
    *,
    call: str = "",
    params: Any = None,
    report: Sequence[str] = (),
    in_method: bool = True,
) -> Ran:
    """Include files, then call a function with `params` if it is there.

    Limbas 7 includes them within a method, where its variables are declared global; Limbas 5 on the outermost level.
    """
    request = {
        "variables": variables,
        "include": [str(path) for path in include],
        "call": call,
        "params": params,
        "report": report,
        "in_method": in_method,
    }
    ran = subprocess.run(  # noqa: S603 - the person's own php, with our harness
        [php, *_STRICT, str(_HARNESS)],
        input=json.dumps(request).encode(),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    complaint = ran.stderr.decode(errors="replace").strip()
    try:
        answer = json.loads(ran.stdout)
    except ValueError:
        return Ran("", {}, [complaint or f"php ended with exit code {ran.returncode}"], [], called=False)
    answer["complaints"] += [complaint] if complaint else []
    return Ran(**answer)
