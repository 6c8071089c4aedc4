"""What goes into the API and comes out of it. `openapi` makes the description of these."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.web.rights import Scope
from shared.events import Call, CallRecorded, ContactResolved, Direction, Outcome

MOST_CALLS: Final = 200
"""Calls in one answer."""

Cursor = Annotated[str, Field(pattern=r"^[0-9]{1,20}-[0-9]{1,20}$", examples=["1763848801000-0"])]
"""Where the next page begins: `next` of the answer before, as it came."""


class Which(StrEnum):
    """Of the calls that the token opens, which ones."""

    ALL = "all"
    MINE = "mine"
    """Those of the token's own numbers and phones."""


class _In(BaseModel):
    """What is asked for: as it is said here, or refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CallsQuery(_In):
    """Which calls to list."""

    calls: Which = Which.ALL
    outcome: Outcome | None = Field(None, description="Only calls that ended so.")
    direction: Direction | None = Field(None, description="Only calls this way.")
    before: Cursor | None = Field(
        None, description="`next` of the page before; without it the newest calls are listed."
    )
    limit: Annotated[int, Field(ge=1, le=MOST_CALLS)] = 50


class SearchQuery(CallsQuery):
    """Which calls to find. In a body, because names and numbers do not belong into addresses."""

    q: Annotated[str, Field(max_length=200)]
    """What a person types. Every word has to be found; nothing finds everything."""


class ContactChoice(_In):
    """One of a call's candidates: the record of a contact in Limbas."""

    table: Annotated[str, Field(min_length=1, max_length=100, examples=["KUNDEN"])]
    record_id: Annotated[int, Field(ge=1, le=2**63 - 1)]


class Me(BaseModel):
    """Who the token speaks for."""

    user: str
    calls: Scope
    mine: bool
    """Whether the token names numbers and phones of the user's own, so that `calls=mine` finds any."""
    expires_at: AwareDatetime


class Shown(BaseModel):
    """What people read."""

    number: str
    """The other side's number as it is written in the office's country; empty: suppressed."""
    own_number: str
    """The office's number, or its name."""


class CallEntry(BaseModel):
    """A call, and what is known of it."""

    call: Call
    contact: ContactResolved | None
    """None: nobody has looked yet."""
    record: CallRecorded | None
    """None: it is not in Limbas yet."""
    shown: Shown


class CallsPage(BaseModel):
    """Some calls, newest first."""

    calls: list[CallEntry]
    next: Cursor | None
    """What to ask for as `before` to get the calls that follow; None: these were the last."""


class Problem(BaseModel):
    """Why there is nothing else."""

    error: str
    """One sentence."""
