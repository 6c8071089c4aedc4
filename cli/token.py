"""`callmonitor token`: what opens the page and the event stream."""

from __future__ import annotations

from typing import Final

import click

from services.web.rights import Rights, Scope
from services.web.settings import WebSettings
from services.web.tokens import LONGEST_SECONDS, mint
from shared.settings import load

LONGEST_HOURS: Final = LONGEST_SECONDS / 3600
EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - read here, not listened on


@click.command()
@click.option("--user", default="callmonitor", show_default=True, help="Whom the token speaks for.")
@click.option(
    "--hours",
    type=click.FloatRange(0, LONGEST_HOURS, min_open=True),
    default=LONGEST_HOURS,
    show_default=True,
    help="How long it opens anything.",
)
@click.option(
    "--calls",
    type=click.Choice([scope.value for scope in Scope]),
    default=Scope.ALL.value,
    show_default=True,
    help="Which calls it opens: all, or those of the own numbers and extensions.",
)
@click.option("--own-number", "own_numbers", multiple=True, help="An own number of the user; any number of times.")
@click.option(
    "--extension",
    "extensions",
    multiple=True,
    help="A phone of the user, by its code: 10, or kanzlei/10 for the one at that box; any number of times.",
)
@click.option("--url", is_flag=True, help="Print the address of the page instead, signed in with the token.")
def token(
    user: str, hours: float, calls: str, own_numbers: tuple[str, ...], extensions: tuple[str, ...], url: bool
) -> None:
    """Print a token for GET /events, or the address of a page that is signed in.

    Signed with WEB_SECRET (or WEB_SECRET_FILE), which has to be the web service's.
    """
    settings = load(WebSettings)
    try:
        rights = Rights.parse({"calls": calls, "own_numbers": own_numbers, "extensions": extensions})
        minted = mint(settings.web_secret.get_secret_value(), user, max(1, round(hours * 3600)), rights)
    except ValueError as error:
        raise click.UsageError(f"{error}") from None
    click.echo(page_url(settings.web_host, settings.web_port, minted) if url else minted)


def page_url(host: str, port: int, minted: str) -> str:
    """The page's address on this machine. The token stands in the fragment, which browsers never send."""
    shown = "127.0.0.1" if host in EVERY_ADDRESS else host
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/#token={minted}"
