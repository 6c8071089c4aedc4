"""The tokens that open the event stream: JWTs, signed with one shared secret.

Claims: `aud` is always `callmonitor`, `sub` names the user, `iat` and `exp` say from when to when, and `calls`,
`own_numbers` and `extensions` what the user may see (`rights`). The algorithm is fixed: what a token says of its own
algorithm decides nothing. Limbas' server side and `callmonitor token` mint them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import jwt

from services.web.rights import Rights

ALGORITHM: Final = "HS256"
AUDIENCE: Final = "callmonitor"
LONGEST_SECONDS: Final = 12 * 3600
"""A working day. A token that was left somewhere is worthless tomorrow."""
CLOCK_SKEW: Final = 60
"""Seconds by which the clock of whoever minted a token may be ahead."""


class TokenError(Exception):
    """A token opens nothing. The text is one sentence for the person who holds it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token speaks for, how long, and what it opens."""

    user: str
    expires_at: float
    """Seconds since 1970."""
    rights: Rights


def mint(secret: str, user: str, seconds: int, rights: Rights) -> str:
    """A token for `user` that ends in `seconds` and opens what `rights` say.

    Raises `ValueError` when it would name nobody, or not end between a second and twelve hours from now.
    """
    if not user:
        raise ValueError("a token has to name a user")
    if not 0 < seconds <= LONGEST_SECONDS:
        raise ValueError(f"a token may last from 1 to {LONGEST_SECONDS} seconds")
    now = int(time.time())
    claims = {"aud": AUDIENCE, "sub": user, "iat": now, "exp": now + seconds, **rights.claims()}
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def verify(secret: str, token: str) -> Identity:
    """Whom `token` speaks for.

    Raises `TokenError` when it has ended, lasts longer than allowed, or was not signed by us for this purpose.
    """
    if "=" in token:  # RFC 7515 leaves out the padding; a decoder that skips it would take many spellings of one token
        raise TokenError("The token is not valid: ask for a new one.")
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            # PyJWT's leeway would lengthen `exp` as well, and a stream ends at `exp` to the second.
            options={"require": ["aud", "sub", "iat", "exp"], "verify_iat": False},
        )
    except jwt.ExpiredSignatureError:
        raise TokenError("The token has expired: ask for a new one.") from None
    except jwt.InvalidTokenError:
        raise TokenError("The token is not valid: ask for a new one.") from None
    issued_at, expires_at = claims["iat"], claims["exp"]
    if not isinstance(issued_at, int | float) or issued_at > time.time() + CLOCK_SKEW:
        raise TokenError("The token is not valid yet: compare the clocks of the two servers.")
    if expires_at - issued_at > LONGEST_SECONDS:
        raise TokenError(f"The token lasts too long: at most {LONGEST_SECONDS // 3600} hours are allowed.")
    if not claims["sub"]:
        raise TokenError("The token names nobody: ask for a new one.")
    try:
        rights = Rights.parse(claims)
    except ValueError:
        raise TokenError("The token does not say properly which calls it opens: ask for a new one.") from None
    return Identity(claims["sub"], float(expires_at), rights)
