"""`python -m simulators.fritzbox`."""

from __future__ import annotations

from simulators.fritzbox.command import fritzbox

fritzbox(prog_name="python -m simulators.fritzbox")
