"""Percentiles of times."""

from __future__ import annotations

from collections.abc import Sequence


def percentile(times: Sequence[float], percent: int) -> float:
    """The smallest time that at least so many percent do not exceed."""
    ranked = sorted(times)
    return ranked[-(-len(ranked) * percent // 100) - 1]
