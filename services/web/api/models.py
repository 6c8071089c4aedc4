"""What goes into the API and comes out of it. `openapi` makes the description of these."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from services.web.rights import Scope
from shared.events import Call, CallRecorded, ContactResolved, Direction, Outcome

MOST_CALLS: Final = 200
"""Calls in one answer."""


def _integral(value: Any) -> Any:
    """JSON has no integers: 50.0 is 50."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Cursor = Annotated[str, Field(pattern=r"^[0-9]{1,20}-[0-9]{1,20}$", examples=["1763848801000-0"])]
"""Where a page begins. What is in it may change."""
_WHOLE: Final = BeforeValidator(_integral)


class Which(StrEnum):
    """Of the calls that the token opens, which ones."""

    ALL = "all"
    MINE = "mine"
    """Those of the token's own numbers and phones."""


class _Described(BaseModel):
    """A model whose docstrings stand in the description."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class _In(_Described):
    """What is asked for: as it is said here, or refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CallsQuery(_In):
    """Which calls to list."""

    calls: Which = Which.ALL
    """Of the calls that the token opens: all, or those of the token's own numbers and phones."""
    outcome: Outcome | None = None
    """Only calls that ended so."""
    direction: Direction | None = None
    """Only calls this way."""
    before: Cursor | None = None
    """`next` of the page before, as it came. Without it the list begins with the newest call."""
    limit: Annotated[int, Field(ge=1, le=MOST_CALLS), _WHOLE] = 50
    """How many calls at most."""


class SearchQuery(CallsQuery):
    """Which calls to find. In a body, because names and numbers do not belong into addresses."""

    q: Annotated[str, Field(max_length=200, examples=["schmidt", "0221/4710-123"])]
    """What a person types. Every word has to be found; nothing finds everything."""


class ContactChoice(_In):
    """One of a call's candidates: the record of a contact in Limbas."""

    table: Annotated[str, Field(min_length=1, max_length=100, examples=["KUNDEN"])]
    record_id: Annotated[int, Field(ge=1, le=2**63 - 1), _WHOLE]


class Me(_Described):
    """Who the token speaks for."""

    user: str
    calls: Scope
    mine: bool
    """Whether the token names numbers and phones of the user's own, so that `calls=mine` finds any."""
    expires_at: AwareDatetime
    """When the token ends."""


class Shown(_Described):
    """What people read."""

    number: str
    """The other side's number as it is written in the office's country; empty: suppressed."""
    own_number: str
    """The office's number, or its name."""


class CallEntry(_Described):
    """A call, and what is known of it."""

    call: Call
    contact: ContactResolved | None
    """Null: nobody has looked yet."""
    record: CallRecorded | None
    """Null: it is not in Limbas yet."""
    shown: Shown


class CallsPage(_Described):
    """Some calls."""

    calls: list[CallEntry]
    """Newest first."""
    next: Cursor | None
    """What to ask for as `before` to get the calls that follow. Null: these were the last."""


class Problem(_Described):
    """Why there is no other answer."""

    error: str
    """One sentence."""
