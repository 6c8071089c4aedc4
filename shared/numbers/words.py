"""The words and figures that stand around numbers in a field: what says "a number follows", and what is none at all."""

from __future__ import annotations

import re
from typing import Final

from shared.numbers.reason import Reason

PHONE_WORD: Final = re.compile(
    r"""(?:tele?)?(?:f|ph)on(?:nr|nummer|e)?|tel(?:nr)?|t|ruf(?:nr|nummer)?|n(?:umme)?r|no|number|anschlu(?:ss|ß)
    |mob(?:il|ile|ilfunk|iltelefon)?|m|handy(?:nr|nummer)?|natel|cell|funk|(?:tele?)?fax|f|festnetz|sip|voip|isdn
    |priv(?:at|ate)?|p|home|h|(?:zu)?hause|zu|daheim|gesch(?:äft(?:l|lich)?)?|g|dienst(?:l|lich)?|d|büro|office|work
    |firma|arbeit|zentrale|empfang|ab|bis|von|vor|nach|nur|auch|oder|od|or|und|u|and|bzw|neu|alt
    |abends|morgens|(?:nach|vor)?mittags|tagsüber|(?:werk|wochen)tags|mo|di|mi|do|fr|sa|so|am|im""",
    re.VERBOSE | re.IGNORECASE,
)
"""What may stand beside a number without an area code. Beside any other word, as in `69115 Heidelberg`, nobody can
tell that it is one."""
WORD: Final = re.compile(r"[^\W\d_]+")
PLAIN_CONTEXT: Final = re.compile(r"[\s,;|:()\[\]<>\"'/&.+\-]*")
"""What may stand beside a number without an area code, apart from phone words."""

EXTENSION_WORD: Final = re.compile(
    r"[\s,;.(\-]*(?:durchwahl|durchw|dw|nebenstelle|nst|klappe|kl|apparat|app|extension|extn|ext|x)[\s.:=(\-]*",
    re.IGNORECASE,
)
OTHER_THINGS: Final = re.compile(
    r"(?:\b(?:kund|kd|konto|kto|iban|bic|blz|ust|uid|steuer|st\.?-?nr|rechnung|rg|re\.?-?nr|auftrag|vertrag|mitglied|"
    r"bestell|artikel|art\.?-?nr|hr[ab]\b|az\b|aktenz|plz|postfach|pin\b|id\b|vers)[^\W\d_]*)"
    r"(?:[\s.\-]{0,3}(?:nr|nummer|no))?[\s.:#\-]*$",
    re.IGNORECASE,
)
"""Words just ahead of a number that say it is something else: a customer's or an account's number."""
PLACEHOLDER: Final = re.compile(r"\s?-\s?(?:[xX]{1,5}|\*{1,5})(?![^\W_])")
"""Stands for any extension: `030 23125-xx`."""
CAPITALS: Final = re.compile(r"[\s\-]*[A-Z]{3}")
"""A word instead of digits: `0800 FLOWERS`."""

_HOUR: Final = r"(?:[01]?\d|2[0-4])"
_TIME: Final = rf"{_HOUR}[.:][0-5]\d"
_HOURS: Final = rf"{_HOUR}(?:[.:][0-5]\d)?"
OTHER_FIGURES: Final = re.compile(
    rf"(?<![\d+.:/\-])(?:{_HOUR}:[0-5]\d(?::[0-5]\d)?"  # 14:30
    rf"|{_TIME}\s?-\s?{_TIME}(?![\d.])"  # 8.00-17.00
    rf"|{_HOURS}(?:\s?(?:-|/|bis|u\.|und)\s?{_HOURS})?\s?(?:uhr|h|hrs?|am|pm)(?![^\W_])"  # 8-18 Uhr
    r"|\d{1,2}[\s.]{0,2}(?:og|ug|dg|stock|etage|std|stunden|min|minuten|tage?|wochen|jahre?|kinder)(?![^\W_])"  # 2. OG
    r"|24\s?/\s?7)(?!\d)",
    re.IGNORECASE,
)
"""Times, opening hours, floors."""
DATE: Final = re.compile(
    r"(?:^|(?<=[\s(]))(?:(?:0?[1-9]|[12]\d|3[01])([./\-])\s?(?:0?[1-9]|1[0-2])\1\s?(?:(?:19|20)\d\d|\d\d)"
    r"|(?:19|20)\d\d([./\-])(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01]))(?=[\s)]|$)"
)
SYMBOLS: Final = frozenset("#%*$€£§^~°")
"""Beside digits they mean another thing than a phone number."""
LONGEST_LABEL: Final = 40
"""Characters ahead of a number that may say what it is."""
YEAR: Final = re.compile(r"(?:19|20)\d\d")

CODES_AHEAD: Final = re.compile(r"(?<![^\s:])(?:[*#]\d{1,4}#|\*31\*)+")
_WORD_AHEAD: Final = re.compile(r"[^\W\d_]+$")
_ADDRESS: Final = re.compile(r"[<(\"']*(?:sips?:|mailto:)?([+0][\d./()\-]{5,})@", re.IGNORECASE)


def without_other_figures(text: str) -> str:
    """`text` with a semicolon for each time, floor and address, except that a SIP address gives the number in it."""
    if "@" in text or "://" in text or "www." in text:
        text = re.sub(r"\S+", _without_address, text)
    if "#" in text or "*" in text:
        text = CODES_AHEAD.sub("", text)
    return OTHER_FIGURES.sub(";", text)


def spoilt_by(ahead: str, behind: str) -> Reason | None:
    """Why what stands between `ahead` and `behind` is not even to be read as a number; None if it may be one."""
    if ahead.endswith("*"):
        return Reason.NOT_OUTSIDE
    if OTHER_THINGS.search(ahead[-LONGEST_LABEL:]):
        return Reason.SOMETHING_ELSE
    if (word := _WORD_AHEAD.search(ahead[-LONGEST_LABEL:])) and not EXTENSION_WORD.fullmatch(ahead):
        return None if PHONE_WORD.fullmatch(word.group()) else Reason.SOMETHING_ELSE
    if ahead[-1:] in SYMBOLS or behind[:1] in SYMBOLS - {"#"}:  # a # ends dialling
        return Reason.SOMETHING_ELSE
    if (word := WORD.match(behind)) and not EXTENSION_WORD.fullmatch(behind):
        return None if PHONE_WORD.fullmatch(word.group()) else Reason.LETTERS
    return None


def is_plain_context(text: str) -> bool:
    """Whether `text` holds nothing but punctuation and words that stand beside phone numbers."""
    unknown = WORD.sub(lambda word: "" if PHONE_WORD.fullmatch(word.group()) else "?", text)
    return bool(PLAIN_CONTEXT.fullmatch(unknown))


def _without_address(token: re.Match[str]) -> str:
    written = token.group()
    if "@" in written:
        number = _ADDRESS.match(written)
        return f"{number.group(1)};" if number else ";"
    return ";" if "://" in written or written.startswith("www.") else written
