"""Phone numbers: what the box and people write becomes E.164, or an honest "cannot".

A wrong name is worse than none, so nothing is guessed. `phonenumbers` knows the number plans; here is the policy:

- What can be read in two ways, each of which may be somebody's number, is not read.
- To read too much is safe where too little is not: no number begins with another one, so `030 23125600` with digits
  behind is that company's or nobody's. But without its first digits it may be a stranger's.
- A German, Austrian or Swiss number must be in its number plan; any other only needs a length that is possible there.

`e164` reads one number, by the `plans`. `fields` reads a field as people fill it: `words` are what stands around
numbers, `stretches` are cut where they hold several, `pieces` brings both together. `main_numbers` knows the
extensions of companies, `reason` says why something cannot be read, and `plain` knows the characters.
"""

from shared.numbers.e164 import dialled_at_home, readable, to_e164
from shared.numbers.fields import Field, Number, Problem, numbers_in, read_field
from shared.numbers.main_numbers import shortest_main, shortest_national, subscriber_number
from shared.numbers.plain import plain
from shared.numbers.reason import Reason

__all__ = [
    "Field",
    "Number",
    "Problem",
    "Reason",
    "dialled_at_home",
    "numbers_in",
    "plain",
    "read_field",
    "readable",
    "shortest_main",
    "shortest_national",
    "subscriber_number",
    "to_e164",
]
