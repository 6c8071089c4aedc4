"""The extension's PHP files, run as Limbas runs them, with its variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

from cli.limbas.layout import Limbas
from simulators.limbas import schema
from simulators.limbas.browser import interpreter
from simulators.limbas.browser.interpreter import Ran
from simulators.limbas.tables import RECORDED, Tables

ADMINISTRATOR: Final[Mapping[str, Any]] = {"user_id": 1, "username": "admin", "group_id": 1, "subgroup": {0: 1}}
ANNA: Final[Mapping[str, Any]] = {
    "user_id": 4,
    "username": "anna",
    "group_id": 7,
    "subgroup": {0: 7, 1: 9},
    "vorname": "Anna",
    "name": "Amend",
    "email": "anna@example.invalid",
    "phone": "",
    "language": 1,
}
GROUPS: Final = {"name": {1: "admin", 7: "Büro", 9: "Verkauf"}}
BEFORE: Final = {"id": 2, "name": "Wiedervorlage", "preview": "Reminder"}
"""The sidebar's entry before ours, which Limbas leaves in `$melements`."""


@dataclass(frozen=True)
class InLimbas:
    """One Limbas with the extension in it, asked again and again."""

    php: str
    limbas: Limbas
    in_method: bool = True
    """As in Limbas 7; on the outermost level, as in Limbas 5, otherwise."""
    tables: Tables = RECORDED
    variables: Mapping[str, Any] = field(default_factory=dict)
    """What is otherwise than usual among Limbas' variables."""

    def sidebar(self, session: Any = ANNA) -> Ran:
        """`ext_multiframe.inc`; the sidebar and what comes after are among the globals."""
        return self._run("ext_multiframe.inc", session, report=["menu", "elid", "melements"])

    def token(self, session: Any = ANNA) -> dict[str, Any]:
        """What `main_dyns.php?actid=callmonitorToken` answers."""
        ran = self._run("ext_ajax.inc", session, call="dyns_callmonitorToken", params={})
        assert (ran.called, ran.complaints) == (True, [])
        answer: dict[str, Any] = json.loads(ran.output)
        return answer

    def preview(self, session: Any = ANNA) -> Ran:
        """What stands below the entry."""
        return self._run("ext_ajax.inc", session, call="LmbExt_callmonitorPreview", params={"id": "3"})

    def dial(self, session: Any = ANNA) -> Ran:
        """What Limbas' own script gets that asks for a number to be dialled, and loses the number on the way."""
        return self._run("ext_ajax.inc", session, call="LmbDialNumber_callmonitor", params=None)

    def _run(self, name: str, session: Any, **how: Any) -> Ran:
        variables = {
            "session": session,
            "groupdat": GROUPS,
            "umgvar": {"version": "7.0.25"},
            "gtab": schema.gtab(self.tables, may_write=True),
            "gfield": schema.gfield(self.tables, may_write=True),
            "menu": {0: [BEFORE]},
            "elid": 3,
            "melements": BEFORE,
            **self.variables,
        }
        return interpreter.run(self.php, variables, [self.limbas.extension / name], in_method=self.in_method, **how)


class Scripts(HTMLParser):
    """The elements of a piece of HTML as a browser reads it, and what stands in each script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and self.cdata_elem:
            attributes, before = self.scripts.pop()
            self.scripts.append((attributes, before + data))
        else:
            self.text += data


def settings(ran: Ran) -> dict[str, Any]:
    """What the script in the top document is told."""
    ((attributes, text),) = [script for script in Scripts(ran.output).scripts if script[0].get("id")]
    assert attributes == {"type": "application/json", "id": "callmonitor-settings"}
    found: dict[str, Any] = json.loads(text)
    return found
