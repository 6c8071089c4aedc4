from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from simulators.fritzbox.messages import Connect, Dial, Disconnect, Ring
from tests.corpus import load_cases

BERLIN = ZoneInfo("Europe/Berlin")
LINES = {line for case in load_cases() if case.tag == "box" for line in case.lines}


def test_messages_are_written_as_real_boxes_write_them() -> None:
    spoken = {
        Ring(0, "017604069063", "99998248", "SIP1").at(datetime(2016, 11, 3, 13, 17, 8, tzinfo=BERLIN)),
        Dial(0, 1, "99998248", "017604069082", "SIP1").at(datetime(2016, 11, 21, 22, 51, 49, tzinfo=BERLIN)),
        Connect(0, 1, "017604069063").at(datetime(2016, 11, 3, 13, 17, 16, tzinfo=BERLIN)),
        Disconnect(0, 201).at(datetime(2016, 11, 3, 13, 20, 37, tzinfo=BERLIN)),
    }
    assert spoken - LINES == set()


def test_a_suppressed_caller_is_an_empty_field() -> None:
    spoken = {
        Ring(0, "", "123x", "ISDN").at(datetime(2010, 8, 28, 10, 22, 7, tzinfo=BERLIN)),
        Connect(0, 4, "").at(datetime(2010, 8, 28, 10, 24, 37, tzinfo=BERLIN)),
    }
    assert spoken - LINES == set()
