"""The commands: sync, problems, pin, unpin, pins, who."""

from __future__ import annotations

import getpass
import sys
from typing import Any, Final

import click

from cli.contacts.render import as_candidates, as_pins, as_problems
from cli.contacts.watch import watch
from cli.language import Texts, language_option, texts
from services.jobs.queue import SYNC_NOW, connect_queue, open_queue, put
from services.jobs.settings import JobsSettings, QueueSettings
from services.matcher.places import place_of
from shared.boxes import PlaceSettings
from shared.contacts.answer import is_sure
from shared.contacts.index import ContactIndex, NoContacts
from shared.contacts.pinning import NoSuchContact, pin_contact
from shared.contacts.pins import Pins
from shared.contacts.problems import ProblemList
from shared.contacts.sync_state import Stage, SyncState
from shared.event_log import open_event_log
from shared.limbas.client import Limbas
from shared.limbas.errors import LimbasError
from shared.login_gate import RedisGate
from shared.numbers import to_e164
from shared.settings import CommonSettings, load
from shared.unknown_calls import UnknownCalls

COMMAND: Final = "contacts"


class RecordId(click.ParamType[tuple[str, int]]):
    """A Limbas record: the table's name, a colon, the record's id."""

    name = "table:id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Raises `click.BadParameter`."""
        table, _, record_id = str(value).rpartition(":")
        if not table or not (record_id.isascii() and record_id.isdecimal()):
            self.fail(f"{value!r} is no record; write it as KUNDEN:17.", param, ctx)
        return table, int(record_id)


@click.group()
def contacts() -> None:
    """The contacts that callers are found among."""


@contacts.command()
@language_option
def sync(*, language: str) -> None:
    """Read the contacts from Limbas now, and wait for it.

    The jobs service does it. Exit code 1 when it went wrong, or when nobody takes it up.
    """
    settings, words = load(QueueSettings), texts(COMMAND, language)
    event_log = open_event_log(settings)
    job = put(open_queue(connect_queue(settings), settings.event_stream), SYNC_NOW)
    done = watch(SyncState(event_log), job, words)
    if done is None:
        raise click.ClickException(words["sync.nobody"])
    if done.stage is Stage.FAILED:
        raise click.ClickException(words["sync.failed"].format(because=done.because))
    click.echo(words["sync.done"].format(records=done.total, numbers=done.numbers))
    if done.linked:
        click.echo(words["sync.linked"].format(count=done.linked))
    if done.problems:
        click.echo(words["sync.problems"].format(count=done.problems))


@contacts.command()
@language_option
def problems(*, language: str) -> None:
    """List what stands in the number fields and is no number, as the last sync found it."""
    words = texts(COMMAND, language)
    found = ProblemList(open_event_log(load(CommonSettings))).load()
    click.echo(as_problems(found.kept, words) if found.count else words["problems.none"])
    if found.count > len(found.kept):
        click.echo(words["problems.more"].format(count=found.count - len(found.kept)))


@contacts.command()
@click.argument("number")
@click.argument("record", metavar="TABLE:ID", type=RecordId())
@language_option
def pin(*, number: str, record: tuple[str, int], language: str) -> None:
    """Say that NUMBER is a contact, whatever the records say. Unknown calls of it are linked."""
    settings, words = load(JobsSettings), texts(COMMAND, language)
    event_log, e164 = open_event_log(settings), _number(number, settings, words)
    unknown = UnknownCalls(event_log, settings.late_link_days)
    try:
        with Limbas(settings, gate=RedisGate(event_log)) as limbas:
            pinned = pin_contact(event_log, limbas, settings.contacts, unknown, e164, *record, by=_person())
    except (NoSuchContact, LimbasError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(words["pin.done"].format(number=e164, name=pinned.pin.name))
    if pinned.linked:
        click.echo(words["pin.linked"].format(count=pinned.linked))


@contacts.command()
@click.argument("number")
@language_option
def unpin(*, number: str, language: str) -> None:
    """Forget what was said about NUMBER. Exit code 1 when nothing was."""
    settings, words = load(PlaceSettings), texts(COMMAND, language)
    e164 = _number(number, settings, words)
    if not Pins(open_event_log(settings)).remove(e164):
        raise click.ClickException(words["unpin.none"].format(number=e164))
    click.echo(words["unpin.done"].format(number=e164))


@contacts.command()
@language_option
def pins(*, language: str) -> None:
    """List what people said about numbers."""
    found, words = Pins(open_event_log(load(CommonSettings))).all(), texts(COMMAND, language)
    click.echo(as_pins(found, words) if found else words["pins.none"])


@contacts.command()
@click.argument("number")
@language_option
def who(*, number: str, language: str) -> None:
    """Show who a caller with NUMBER would be, and why. Exit code 1 when nobody is sure."""
    settings, words = load(PlaceSettings), texts(COMMAND, language)
    e164 = _number(number, settings, words)
    try:
        [candidates] = ContactIndex(open_event_log(settings)).lookup([e164])
    except NoContacts:
        raise click.ClickException(words["who.no-contacts"]) from None
    if not candidates and (place := place_of(e164, settings.office().country)):
        candidates = (place,)
    sure = is_sure(candidates)
    click.echo(words["who.sure" if sure else "who.unsure" if candidates else "who.nobody"].format(number=e164))
    if candidates:
        click.echo(as_candidates(candidates, words, language))
    sys.exit(int(not sure))


def _number(written: str, settings: PlaceSettings, words: Texts) -> str:
    e164 = to_e164(written, settings.office())
    if e164 is None:
        raise click.ClickException(words["no-number"].format(written=written))
    return e164


def _person() -> str:
    """Who is at the command line. In a container that is a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # until Python 3.12 the one, from then on the other
        return "operator"
