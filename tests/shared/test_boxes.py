from __future__ import annotations

import pytest
from pydantic import ValidationError

from shared.boxes import Box


@pytest.mark.parametrize("name", ["Berlin", "Europe", "../etc/passwd", "", "\0"])
def test_a_time_zone_that_does_not_exist_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ValidationError, match="is no time zone; write it as Europe/Berlin"):
        Box(host="fritz.box", timezone=name)


def test_a_time_zone_that_exists_is_taken() -> None:
    assert Box(host="fritz.box", timezone="Europe/Zurich").timezone == "Europe/Zurich"
