"""What people wrote into a number field and is no number. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.numbers import Field, Reason


def unreadable_parts(text: str, field: Field) -> Iterator[tuple[str, Reason]]:
    """The parts of a text that give no number, with the reason. `field` is what was read in it.

    A note beside a number is no problem; a text without any number is one. Mere signs, as "-", say nothing.
    """
    for problem in field.problems:
        yield problem.written, problem.reason
    if not field.numbers and not field.problems and re.search(r"\w", text):
        yield text.strip(), Reason.TOO_SHORT if re.search(r"\d", text) else Reason.NO_NUMBER
