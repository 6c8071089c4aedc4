"""`python -m tests.fuzz NAME --minutes N`: one fuzzer, with other numbers in each pass. Ends at the first finding."""

from __future__ import annotations

import argparse
import logging
import time

import hypothesis
import structlog
from hypothesis import HealthCheck, given, settings

from tests.fuzz.targets import TARGETS, passes

EXAMPLES = 200
"""Of one pass."""


def main() -> None:
    """Exit code 1 and the smallest input that was found, when there is one."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Try to break what reads from outside.")
    parser.add_argument("name", choices=TARGETS)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    target, count = TARGETS[asked.name], 0
    print(f"{asked.name}, {asked.minutes:g} minutes, seed {asked.seed}", flush=True)  # noqa: T201 - for people
    with target.opened() as check:

        def counted(drawn: object) -> None:
            nonlocal count
            count += 1
            check(drawn)

        options = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        for number in passes(asked.minutes * 60):
            hypothesis.seed(asked.seed + number)(options(given(target.drawn)(lambda drawn: counted(drawn))))()
    print(f"{count} inputs, no finding")  # noqa: T201 - for people


main()
