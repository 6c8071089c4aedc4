"""Phone numbers: what the box and people write becomes E.164, or an honest "cannot".

A wrong name is worse than none, so nothing is guessed. `phonenumbers` does the parsing; here is the policy around it:
what is no number of the outside world, which part of what was written is the number, and which reading is the only one.

`e164` reads one number, `fields` a field as people fill it, with `pieces` and `words` to find the numbers in it,
`main_numbers` knows the extensions of German and Austrian companies, `reason` says why something cannot be read, and
`plain` knows the characters.
"""

from shared.numbers.e164 import readable, to_e164
from shared.numbers.fields import Field, Number, Problem, numbers_in, read_field
from shared.numbers.main_numbers import main_numbers_of, shortest_national
from shared.numbers.reason import Reason

__all__ = [
    "Field",
    "Number",
    "Problem",
    "Reason",
    "main_numbers_of",
    "numbers_in",
    "read_field",
    "readable",
    "shortest_national",
    "to_e164",
]
