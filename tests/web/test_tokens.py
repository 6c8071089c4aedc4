"""What a token has to be to open the event stream."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.rights import EVERYTHING, Rights
from services.web.tokens import LONGEST_SECONDS, TokenError, mint, verify

SECRET = "a secret that only tests know, and that is long enough for every one of the algorithms"
OTHER_SECRET = "another secret that is long enough for a key"
HOUR = 3600


def forged(secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    now = int(time.time())
    usual = {"aud": "callmonitor", "sub": "anna", "iat": now, "exp": now + HOUR, "calls": "all"}
    present = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(present, secret, algorithm=algorithm)


def test_a_token_names_its_user_and_its_end() -> None:
    identity = verify(SECRET, mint(SECRET, "anna", HOUR, EVERYTHING))
    assert identity.user == "anna"
    assert identity.expires_at == pytest.approx(time.time() + HOUR, abs=2)


def test_a_token_says_what_it_opens() -> None:
    rights = Rights.parse({"calls": "own", "own_numbers": ["069 90009-0"], "extensions": ["10", "kanzlei/11"]})
    assert verify(SECRET, mint(SECRET, "anna", HOUR, rights)).rights == rights


def test_a_token_of_a_newer_version_may_say_more() -> None:
    assert verify(SECRET, forged(dial=True)).rights == EVERYTHING


@pytest.mark.parametrize("seconds", [0, -5, LONGEST_SECONDS + 1])
def test_nobody_mints_a_token_that_ends_before_it_begins_or_lasts_longer_than_half_a_day(seconds: int) -> None:
    with pytest.raises(ValueError, match="a token may last"):
        mint(SECRET, "anna", seconds, EVERYTHING)


def test_nobody_mints_a_token_for_nobody() -> None:
    with pytest.raises(ValueError, match="name a user"):
        mint(SECRET, "", HOUR, EVERYTHING)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        pytest.param(lambda: forged(OTHER_SECRET), "not valid", id="signed by somebody else"),
        pytest.param(lambda: forged(algorithm="HS512"), "not valid", id="signed in another way"),
        pytest.param(lambda: forged("", "none"), "not valid", id="not signed"),
        pytest.param(lambda: forged() + "=", "not valid", id="spelled with padding"),
        pytest.param(lambda: forged(aud="mail"), "not valid", id="for another purpose"),
        pytest.param(lambda: forged(aud=None), "not valid", id="for no purpose"),
        pytest.param(lambda: forged(sub=None), "not valid", id="for no user"),
        pytest.param(lambda: forged(sub=""), "names nobody", id="for an empty user"),
        pytest.param(lambda: forged(exp=None), "not valid", id="without an end"),
        pytest.param(lambda: forged(iat=None), "not valid", id="without a beginning"),
        pytest.param(lambda: forged(exp=int(time.time()) - 1), "has expired", id="ended"),
        pytest.param(
            lambda: forged(exp=int(time.time()) + LONGEST_SECONDS + HOUR), "too long", id="longer than half a day"
        ),
        pytest.param(lambda: forged(iat=int(time.time()) + HOUR), "not valid yet", id="begins in an hour"),
        pytest.param(lambda: forged(calls=None), "which calls it opens", id="without a word on calls"),
        pytest.param(lambda: forged(calls="some"), "which calls it opens", id="for some calls or other"),
        pytest.param(lambda: forged(calls="own", own_numbers="06990009"), "which calls", id="with a number for a list"),
        pytest.param(lambda: forged(calls="own", own_numbers=[" "]), "which calls", id="for a number that is none"),
        pytest.param(lambda: forged(calls="own", own_numbers=[6990009]), "which calls", id="for a number, not a text"),
        pytest.param(lambda: forged(calls="own", extensions=["100"]), "which calls", id="for a phone no box has"),
        pytest.param(lambda: forged(calls="own", extensions=["10\n"]), "which calls", id="for a phone and a line end"),
        pytest.param(lambda: forged(calls="own", extensions=["*/10"]), "which calls", id="for a phone at every box"),
    ],
)
def test_a_token_opens_nothing_when_it_is(token: Callable[[], str], sentence: str) -> None:
    with pytest.raises(TokenError, match=sentence):
        verify(SECRET, token())


def test_a_minting_server_whose_clock_is_a_little_ahead_is_forgiven() -> None:
    ahead = int(time.time()) + 30
    assert verify(SECRET, forged(iat=ahead, exp=ahead + HOUR)).user == "anna"


@given(st.text() | st.from_regex(r"[\w-]{1,20}\.[\w-]{1,20}\.[\w-]{1,20}", fullmatch=True))
def test_whatever_is_no_token_is_refused_with_a_sentence(token: str) -> None:
    with pytest.raises(TokenError, match=r"^The token .*\.$"):
        verify(SECRET, token)
