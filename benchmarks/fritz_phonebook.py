"""`fritzconnection`'s phonebook lookup, in the peers' environment.

Its network is left out, in its favour: the phonebook is a file.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.many_contacts import NUMBERS_EACH, written


@dataclass(frozen=True, slots=True)
class FritzRates:
    """Lookups a second."""

    lookup_names: float
    """Its method for that, which reads the phonebook anew each time."""
    kept: float
    """A dictionary made once by `get_all_numbers`, if the number is written as in the phonebook to the letter."""


def measure(python: Path, numbers: int, lookups: int) -> FritzRates:
    """Make a phonebook of so many numbers, and look some up. `python` is the peers'."""
    with tempfile.TemporaryDirectory() as folder:
        phonebook = Path(folder) / "phonebook.xml"
        with phonebook.open("w") as file:
            file.write("<phonebooks><phonebook>\n")
            for n in range(numbers // NUMBERS_EACH):
                each = "".join(f"<number>{number}</number>" for number in written(n))
                person = f"<person><realName>Vorname{n} Nachname{n}</realName></person>"
                file.write(f"<contact>{person}<telephony>{each}</telephony></contact>\n")
            file.write("</phonebook></phonebooks>\n")
        sought = [written(n)[1] for n in range(0, numbers // NUMBERS_EACH, max(1, numbers // NUMBERS_EACH // 1000))]
        arguments = json.dumps({"phonebook": str(phonebook), "sought": sought, "lookups": lookups})
        command = [str(python), "-c", _SCRIPT, arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - as above
        return FritzRates(**json.loads(done.stdout))


_SCRIPT: Final = """
import json, sys, time
from fritzconnection.lib.fritzphonebook import FritzPhonebook

given = json.loads(sys.argv[1])

class Box:
    session = None
    def call_action(self, *_, **__):
        return {"NewPhonebookURL": given["phonebook"]}

book, sought = FritzPhonebook(fc=Box()), given["sought"]
began = time.perf_counter()
for n in range(given["lookups"]):
    assert book.lookup_names(0, sought[n])
anew = given["lookups"] / (time.perf_counter() - began)
names = book.get_all_numbers(0)
began = time.perf_counter()
for _ in range(100):
    for number in sought:
        assert names[number]
print(json.dumps({"lookup_names": anew, "kept": 100 * len(sought) / (time.perf_counter() - began)}))
"""
