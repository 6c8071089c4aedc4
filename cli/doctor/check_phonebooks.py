"""Whether a FRITZ!Box lets us read its phonebooks, by TR-064."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cli.doctor.finding import Finding, ok, problem
from shared import tr064
from shared.boxes import Box
from shared.contacts import phonebook

SECONDS: Final = 5.0
"""For one answer."""

OUTCOMES: Final[dict[type[tr064.Tr064Error], str]] = {
    tr064.Unreachable: "away",
    tr064.TimedOut: "late",
    tr064.TlsProblem: "no-tls",
    tr064.SwitchedOff: "switched-off",
    tr064.LoginRefused: "refused",
    tr064.NotAllowed: "forbidden",
    tr064.NotOffered: "not-offered",
}


def check(box: Box) -> Iterator[Finding]:
    """Log in to the box and ask for its phonebooks, if there is a user to do that with."""
    named = {"box": box.name, "host": box.host}
    if not box.user:
        yield ok("box.phonebook", "needless", **named)
        return
    try:
        phonebook.check(box, seconds=SECONDS)
    except tr064.Tr064Error as error:
        yield problem("box.phonebook", OUTCOMES.get(type(error), "odd"), **named)
    else:
        yield ok("box.phonebook", **named)
