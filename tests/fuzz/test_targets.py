"""Each fuzzer for a moment. `scripts/fuzz` runs one of them for minutes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_that_comes_in_breaks_it(name: str) -> None:
    target = TARGETS[name]
    with target.opened() as check:
        settings(max_examples=150, deadline=None)(given(target.drawn)(lambda drawn: check(drawn)))()
