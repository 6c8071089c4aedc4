"""How many streams one user may have open."""

from __future__ import annotations

import pytest

from services.web.stream_limit import StreamLimit, TooManyStreams


def test_each_user_has_as_many_as_allowed_and_gets_another_one_for_one_that_ended() -> None:
    limit = StreamLimit(most=2)
    leave = limit.enter("anna")
    limit.enter("anna")
    with pytest.raises(TooManyStreams, match=r"^You have 2 event streams open, and may not have more: close some\.$"):
        limit.enter("anna")
    limit.enter("bertha")
    leave()
    limit.enter("anna")


def test_who_has_left_is_forgotten() -> None:
    limit = StreamLimit(most=1)
    for _ in range(3):
        limit.enter("anna")()
    assert not limit._open
