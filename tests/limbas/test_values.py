from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.limbas.errors import DoesNotFit
from shared.limbas.schema import Field, Kind
from shared.limbas.values import Value, can_hold, fit, kept
from simulators.limbas import tables
from simulators.limbas.values import accept, show

BERLIN = ZoneInfo("Europe/Berlin")
TEXT = Field(2, "NOTIZ", Kind.TEXT, size=20)
LONG_TEXT = Field(3, "TEXT", Kind.LONG_TEXT)
NUMBER = Field(4, "DAUER", Kind.NUMBER, size=10)
MOMENT = Field(5, "BEGINN", Kind.DATETIME, size=26)
DAY = Field(6, "TAG", Kind.DATE)

moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("field", "value", "sent"),
    [
        (TEXT, "Anna", "Anna"),
        (TEXT, 12, "12"),
        (TEXT, None, ""),
        (TEXT, "x" * 21, "x" * 20),
        (TEXT, "ü" * 20, "ü" * 10),  # Limbas counts bytes
        (TEXT, "x" * 19 + "ü", "x" * 19),  # and half a letter is none
        (TEXT, "two\r\nlines\tof text", "two lines of text"),
        (TEXT, "bell\x07\x00\ufffe", "bell"),
        (TEXT, datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC), "2026-11-22 18:00:0" + "1"),
        (LONG_TEXT, "two\nlines " + "x" * 5000, "two\nlines " + "x" * 5000),
        (NUMBER, 81, "81"),
        (NUMBER, " 081 ", "81"),
        (NUMBER, -3, "-3"),
        (NUMBER, 0, "0"),
        (NUMBER, None, ""),
        (MOMENT, datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC), "2026-11-22 18:00:01"),
        (MOMENT, datetime(2026, 7, 1, 22, 30, 0, tzinfo=UTC), "2026-07-02 00:30:00"),
        (MOMENT, None, ""),
        (DAY, datetime(2026, 7, 1, 22, 30, 0, tzinfo=UTC), "2026-07-02 00:30:00"),
    ],
)
def test_values_are_made_to_fit(field: Field, value: Value, sent: str) -> None:
    assert fit(field, value, BERLIN).text == sent


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (NUMBER, "12 min"),
        (NUMBER, ""),
        (NUMBER, "1.5"),
        (NUMBER, "9" * 5000),
        (NUMBER, 10**10),
        (NUMBER, datetime(2026, 11, 22, tzinfo=UTC)),
        (MOMENT, "2026-11-22 18:00:01"),
        (MOMENT, 0),
        (Field(7, "KUNDE", Kind.RELATION), "7"),
        (Field(8, "JA", Kind.OTHER), 1),
    ],
)
def test_what_cannot_fit_is_refused_without_showing_it(field: Field, value: Value) -> None:
    with pytest.raises(DoesNotFit, match=field.name) as refused:
        fit(field, value, BERLIN)
    assert str(value) == "" or str(value) not in str(refused.value)


def test_a_time_without_its_zone_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        fit(MOMENT, datetime(2026, 11, 22), BERLIN)  # noqa: DTZ001 - the point


@pytest.mark.parametrize(
    ("field", "value", "read", "same"),
    [
        (TEXT, "Anna", "Anna", True),
        (TEXT, "Anna", "", False),
        (TEXT, "Anna", "anna", False),
        (TEXT, "x" * 30, "x" * 20, True),
        (TEXT, None, "", True),
        (TEXT, None, "Anna", False),
        (NUMBER, 81, "81", True),
        (NUMBER, 81, "", False),
        (NUMBER, 0, "0", True),
        (NUMBER, 0, "", False),
        (NUMBER, None, "", True),
        (NUMBER, None, "0", True),
        (NUMBER, 81, "81.5", False),
        (NUMBER, 81, "9" * 5000, False),
        (MOMENT, datetime(2026, 11, 22, 17, 0, 59, tzinfo=UTC), "22.11.2026 18:00", True),
        (MOMENT, datetime(2026, 11, 22, 17, 0, 59, tzinfo=UTC), "22.11.2026 18:00:59", True),
        (MOMENT, datetime(2026, 11, 22, 17, 0, 59, tzinfo=UTC), "2026-11-22 18:00", True),
        (MOMENT, datetime(2026, 11, 22, 17, 0, 59, tzinfo=UTC), "22.11.2026 17:00", False),
        (MOMENT, datetime(2026, 11, 22, 17, 0, 59, tzinfo=UTC), "22.11.2026 18:01", False),
        (MOMENT, datetime(2026, 11, 22, 17, 0, 59, tzinfo=UTC), "yesterday", False),
        (MOMENT, datetime(2026, 11, 22, 17, 0, 59, tzinfo=UTC), "", False),
        (MOMENT, None, "22.11.2026 18:00", False),
        (DAY, datetime(2026, 11, 22, 17, 0, 59, tzinfo=UTC), "22.11.2026", True),
        (DAY, datetime(2026, 11, 22, 23, 30, 0, tzinfo=UTC), "22.11.2026", False),
    ],
)
def test_what_is_read_is_compared_with_what_was_written(field: Field, value: Value, read: str, same: bool) -> None:
    assert kept(field, value, read, BERLIN) is same


def after_limbas(field: tables.Field, sent: str) -> str:
    """What Limbas shows after it was sent a value, as the simulator has it. What does not fit raises `Refused`."""
    return str(show(field, accept(field, sent), encoded=False))


@given(st.text(), st.integers(1, 200))
def test_any_text_passes_the_check_that_limbas_makes_and_is_kept(text: str, size: int) -> None:
    field = Field(2, "NOTIZ", Kind.TEXT, size=size)
    shown = after_limbas(tables.Field(2, "NOTIZ", "Notiz", size=size), fit(field, text, BERLIN).text)
    assert shown == fit(field, text, BERLIN).text
    assert kept(field, text, shown, BERLIN)


@given(moments)
def test_any_time_is_kept_to_the_minute(moment: datetime) -> None:
    field = tables.Field(5, "BEGINN", "Beginn", tables.Kind.DATETIME, size=26)
    assert kept(MOMENT, moment, after_limbas(field, fit(MOMENT, moment, BERLIN).text), BERLIN)


@given(st.integers(-(10**9), 10**10 - 1))
def test_any_number_that_fits_is_kept(number: int) -> None:
    field = tables.Field(4, "DAUER", "Dauer", tables.Kind.NUMBER, size=10)
    assert kept(NUMBER, number, after_limbas(field, fit(NUMBER, number, BERLIN).text), BERLIN)


@given(st.text())
def test_whatever_limbas_shows_can_be_compared(read: str) -> None:
    wanted: dict[Field, Value] = {TEXT: "Anna", NUMBER: 81, MOMENT: datetime(2026, 11, 22, tzinfo=UTC)}
    assert [kept(field, value, read, BERLIN) for field, value in wanted.items()].count(True) <= 1


def test_the_kind_of_a_field_tells_what_it_can_hold() -> None:
    assert can_hold(TEXT, "Anna")
    assert can_hold(TEXT, datetime(2026, 11, 22, tzinfo=UTC))
    assert can_hold(NUMBER, 0)
    assert can_hold(MOMENT, datetime(2026, 11, 22, tzinfo=UTC))
    assert not can_hold(MOMENT, 0)
    assert not can_hold(NUMBER, datetime(2026, 11, 22, tzinfo=UTC))
    assert not can_hold(Field(7, "KUNDE", Kind.RELATION), 7)
