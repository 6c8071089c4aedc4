"""The command."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

import click
from redis.exceptions import NoPermissionError, ResponseError

from cli.choosing import agrees
from cli.forget.limbas_traces import held
from cli.forget.person import Person
from cli.forget.redis_traces import Traces, find
from cli.language import Texts, language_option, texts
from services.jobs.settings import JobsSettings
from shared import forgotten
from shared.boxes import Place
from shared.event_log import EventLog, open_event_log
from shared.limbas.client import Limbas
from shared.limbas.errors import LimbasError
from shared.login_gate import RedisGate
from shared.numbers import to_e164
from shared.settings import load

COMMAND: Final = "forget"
ROUNDS: Final = 5
"""How often to look again for what a service wrote down meanwhile."""


@click.command()
@click.argument("number")
@click.option("--yes", is_flag=True, help="Do not ask.")
@language_option
def forget(*, number: str, yes: bool, language: str) -> None:
    """Erase what Redis holds of the person behind NUMBER, and list what Limbas holds.

    Shows what there is, and asks before anything is erased. Limbas is never touched. Exit code 1 when something is
    left: nobody agreed, a call is in progress, Limbas could not be asked.
    """
    settings, words = load(JobsSettings), texts(COMMAND, language)
    place = settings.office()
    e164 = to_e164(number, place)
    if e164 is None:
        raise click.ClickException(words["no-number"].format(written=number))
    event_log, person = open_event_log(settings), Person(e164, place)
    traces = find(event_log, person)
    _show(traces, e164, words)
    erased = _erase(event_log, person, traces, words, yes=yes)
    listed = _list_limbas(event_log, settings, person, place, words)
    sys.exit(int(not (erased and listed)))


def _show(traces: Traces, number: str, words: Texts) -> None:
    if not traces.found:
        click.echo(words["nothing"].format(number=number))
        return
    click.echo(words["found"].format(number=number))
    for kind, count in traces.counts.items():
        click.echo(f"{count:>8}  {words[f'kind.{kind}']}")


def _erase(event_log: EventLog, person: Person, traces: Traces, words: Texts, *, yes: bool) -> bool:
    """Returns whether nothing is left."""
    if traces.found:
        if not (yes or agrees(words["ask"], words["agreement"])):
            click.echo(words["kept"])
            return False
        for _ in range(ROUNDS):
            traces.erase()
            traces = find(event_log, person)
            if not traces.found:
                break
        forgotten.tell(event_log)
        click.echo(words["done"])
        click.echo(words[f"disk.{_clean_disk(event_log)}"])
    if traces.in_progress:
        click.echo(words["in-progress"].format(count=traces.in_progress))
    return not (traces.found or traces.in_progress)


def _clean_disk(event_log: EventLog) -> str:
    """Have Redis write its file anew: the old one tells how everything came about that was erased."""
    try:
        info: Mapping[str, object] = event_log.redis.info("persistence")
        if str(info.get("aof_enabled")) != "1":
            return "none"
        event_log.redis.bgrewriteaof()
    except NoPermissionError:
        return "forbidden"
    except ResponseError:  # it is at it, and begins anew only after that
        return "busy"
    return "rewritten"


def _list_limbas(event_log: EventLog, settings: JobsSettings, person: Person, place: Place, words: Texts) -> bool:
    """Returns whether Limbas could be asked."""
    try:
        with Limbas(settings, gate=RedisGate(event_log)) as limbas:
            tables = list(held(limbas, settings, person, place))
    except LimbasError as error:
        click.echo(words["limbas.away"].format(because=error), err=True)
        return False
    click.echo(words["limbas.held" if tables else "limbas.nothing"])
    for table in tables:
        click.echo(f"  {table.table}: {', '.join(map(str, table.ids))}")
    click.echo(words["sources"])
    return True
