"""A call that is going to happen: what scenarios, office days and the control interface are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

DIRECT_LINE = "4710100"
"""The number of the simulated office."""

Text = Annotated[str, Field(pattern=r"^[^;\x00-\x1f\x7f]{0,128}$")]
"""What fits into one field of a line."""
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class PlannedCall(BaseModel):
    """One call from its first ring to its end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    direction: Literal["inbound", "outbound"] = "inbound"
    remote: Text = ""
    """The other side's number as the box sends it. An inbound call without one is a suppressed caller's."""
    own_number: Text = DIRECT_LINE
    line: Text = "SIP0"
    extension: Annotated[int, Field(ge=0, le=99)] = 10
    """Who answers, or who dials: 0 to 2 analogue, 10 to 19 DECT, 20 to 29 IP, 40 to 49 answering machines."""
    answered: bool = True
    rings: Seconds = 5
    """Seconds until somebody answers, or until everybody gives up."""
    talks: Seconds = 30
    """Seconds from the answer to the end."""
    duration: Annotated[int, Field(ge=0, le=86_400)] | None = None
    """What the box says in the end; None: `talks`, rounded. The two differ when a call is played at another speed."""

    @property
    def said_duration(self) -> int:
        """The seconds in the call's last line. Unanswered calls have 0."""
        if not self.answered:
            return 0
        return round(self.talks) if self.duration is None else self.duration

    @property
    def lasts(self) -> float:
        """Seconds from the first line to the last."""
        return self.rings + (self.talks if self.answered else 0)

    def faster(self, speed: float) -> PlannedCall:
        """The same call in less time. The box still says the duration it would have had."""
        update = {"rings": self.rings / speed, "talks": self.talks / speed, "duration": self.said_duration}
        return self.model_copy(update=update)
