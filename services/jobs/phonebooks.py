"""The boxes' own phonebooks, into Redis. A box that cannot be read keeps what was read of it before."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from shared.boxes import Box
from shared.contacts.phonebook import Phonebook, names_by_number, read_phonebooks
from shared.event_log import EventLog
from shared.tr064 import Tr064Error

log = structlog.get_logger()


class Phonebooks:
    """Those of all boxes that have a user for TR-064."""

    def __init__(self, boxes: Sequence[Box], event_log: EventLog) -> None:
        self._boxes = [box for box in boxes if box.user]
        self._phonebook = Phonebook(event_log)
        self._told: dict[str, str] = {}
        """By box: what was last said to be wrong."""

    def read(self) -> int:
        """Read them all. Returns how many numbers have names. A box's trouble is logged, once and once it is over."""
        for box in self._boxes:
            try:
                self._phonebook.replace(box.name, names_by_number(read_phonebooks(box), box))
                problem = ""
            except Tr064Error as error:
                problem = str(error)
            told = self._told.get(box.name, "")
            if problem and problem != told:
                log.warning("the phonebook cannot be read", box=box.name, because=problem)
            if told and not problem:
                log.info("the phonebook can be read again", box=box.name)
            self._told[box.name] = problem
        return self._phonebook.merge(box.name for box in self._boxes)
