"""The top document: menu bar, left menu, right sidebar with what extensions add to it, and the main frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from simulators.limbas.sessions import Session
from simulators.limbas.tables import CALLS, CONTACTS, PHONE_TEST

TEMPLATES: Final = Environment(
    loader=PackageLoader("simulators.limbas.browser", "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
OWN_ENTRIES: Final[tuple[Mapping[str, Any], ...]] = (
    {"name": "Datei-Manager", "link": "main.php?&action=explorer", "preview": "Explorer", "gicon": "lmb-file-manager"},
    {
        "name": "Wiedervorlage",
        "link": "main.php?&action=user_w_vorlage&category=0",
        "preview": "Reminder",
        "params": "category=0",
        "gicon": "lmb-reminder",
    },
)
"""What the sidebar holds before extensions add to it."""


def first_entries() -> list[dict[str, Any]]:
    """Limbas' own entries of the sidebar, as an extension finds them in `$menu[0]`."""
    return [
        {"id": number, "target": "main", "autorefresh": 1} | dict(entry) for number, entry in enumerate(OWN_ENTRIES, 1)
    ]


def render(session: Session, version: str, entries: list[dict[str, Any]], printed: str) -> bytes:
    """The document. `printed`: what extensions wrote while they added their entries; it stands in the sidebar."""
    page = TEMPLATES.get_template("top.html").render(
        user=session.user,
        version=version,
        tables=[table for table in session.tables if table.id in {CALLS.id, CONTACTS.id, PHONE_TEST.id}],
        entries=entries,
        # Extensions write HTML, and their names are not escaped by Limbas either.
        printed=Markup(printed),  # noqa: S704
        raw=Markup,
    )
    return page.encode(errors="replace")
