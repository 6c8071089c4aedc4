"""Whether the secret that opens every call is one that nobody can guess. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import log2
from typing import Final

from cli.doctor.finding import Finding, ok, problem
from services.web.settings import WebSettings

FEWEST_BITS: Final = 80.0
"""Of the secret's letters, were they drawn by chance. 32 random hexadecimal digits have some 115."""
TELLTALES: Final = (
    "callmonitor", "change", "example", "fritz", "geheim", "insecure", "limbas", "passwor", "placeholder", "secret",
)  # fmt: skip
"""Words of examples. Chance does not spell them."""


def check(settings: WebSettings) -> Iterator[Finding]:
    """Judge the secret. Its length is the settings' to check."""
    secret = settings.web_secret.get_secret_value()
    if any(word in secret.lower() for word in TELLTALES):
        yield problem("web.secret", "example")
    elif _is_repetition(secret) or _bits(secret) < FEWEST_BITS:
        yield problem("web.secret", "guessable")
    else:
        yield ok("web.secret")


def _is_repetition(secret: str) -> bool:
    """Whether it is one shorter text over and over: such a text is found in its own double before the end."""
    return (secret + secret).find(secret, 1) < len(secret)


def _bits(secret: str) -> float:
    return sum(count * log2(len(secret) / count) for count in Counter(secret).values())
