"""`callmonitor`: the command line for people. One module per command."""

from __future__ import annotations

import sys

import click
from redis.exceptions import RedisError

from cli.contacts.command import contacts
from cli.dead_letters.command import dead_letters
from cli.doctor.command import doctor
from cli.forget.command import forget
from cli.jobs.command import jobs
from cli.limbas.command import limbas
from cli.quarantine.command import quarantine
from cli.simulate import simulate
from cli.spool.command import spool
from cli.table import printable
from cli.token import token
from shared.settings import SettingsError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def callmonitor() -> None:
    """FRITZ!Box calls as pop-ups in Limbas, every call recorded and linked to its customer."""


callmonitor.add_command(contacts)
callmonitor.add_command(doctor)
callmonitor.add_command(dead_letters)
callmonitor.add_command(limbas)
callmonitor.add_command(quarantine)
callmonitor.add_command(spool)
callmonitor.add_command(jobs)
callmonitor.add_command(forget)
callmonitor.add_command(token)
callmonitor.add_command(simulate)


def main() -> None:
    """Run the command that the arguments name. What goes wrong is one sentence: exit code 2 for settings, else 1."""
    try:
        callmonitor(prog_name="callmonitor")
    except SettingsError as error:
        sys.exit(_say(str(error), 2))
    except RedisError as error:
        sys.exit(_say(f"Redis cannot be used: {str(error).rstrip('.')}.", 1))
    except OSError as error:
        sys.exit(_say(f"{error.filename or 'The network'}: {error.strerror or error}.", 1))


def _say(sentence: str, exit_code: int) -> int:
    click.echo(printable(sentence), err=True)
    return exit_code
