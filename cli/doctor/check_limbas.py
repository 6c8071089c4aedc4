"""Whether Limbas lets us in, and has what calls are to be written into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import requests
import urllib3
from requests import Response

from cli.doctor.finding import Finding, Status, ok, problem, skipped, warning
from cli.doctor.limbas_schema import judge, judge_menu_rights
from shared.limbas import errors
from shared.limbas.client import Limbas
from shared.limbas.errors import LimbasError, LimbasUnavailable, SchemaLacks
from shared.limbas.schema import Schema
from shared.limbas.settings import ContactsTable, LimbasSettings
from shared.limbas.transport import RunLmb

CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 4.0
HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
NO_PHP: Final = "favicon.ico"
"""What is asked for first: the web server answers it, with the file or without, and no login is tried."""
AFTER_LOGIN: Final = ("calls-table", "call-id", "fields", "relation", "rights", "menu-rights", "contacts")

OUTCOMES: Final[dict[type[LimbasUnavailable], Finding]] = {
    errors.LoginRefused: problem("limbas.login", "refused"),
    errors.TimedOut: problem("limbas.login", "slow", seconds=f"{ANSWER_SECONDS:g}"),
    errors.Redirected: problem("limbas.login", "redirected"),
    errors.HtmlAnswer: problem("limbas.login", "html"),
    errors.ServerError: problem("limbas.login", "server-error"),
    errors.SoapFault: problem("limbas.login", "fault"),
    errors.PhpWarning: problem("limbas.login", "php-warning"),
    errors.CutOff: problem("limbas.login", "cut-off"),
    errors.Unreachable: problem("limbas.login", "hangs-up"),
}
MAYBE_BASE64: Final = (errors.Malformed, errors.SoapFault, errors.HtmlAnswer, errors.ServerError, errors.CutOff)
"""What comes when `soap_base64` is set on one side only."""


def check(settings: LimbasSettings) -> Iterator[Finding]:
    """Connect, log in, read the schema, look at some contacts. Nothing is written."""
    settings = settings.model_copy(update={"limbas_timeout": min(ANSWER_SECONDS, settings.limbas_timeout)})
    reachable = list(_reach(settings))
    yield from reachable
    if failed := [finding.check for finding in reachable if finding.status is Status.PROBLEM]:
        yield from _skip_after(failed[0], "login", *AFTER_LOGIN)
        return
    with Limbas(settings) as limbas:
        try:
            schema = limbas.schema()
        except LimbasUnavailable as error:
            yield _explain(settings, error)
            yield from _skip_after("limbas.login", *AFTER_LOGIN)
            return
        yield ok("limbas.login")
        yield from judge(schema, settings.calls, settings.contacts)
        yield from judge_menu_rights(_menu_rights(settings), settings.contacts)
        for contacts in settings.contacts:
            yield _readable(limbas, schema, contacts)


def ask(settings: LimbasSettings) -> Response:
    """The web server's answer to a question that has nothing to do with Limbas.

    Raises `requests.RequestException`.
    """
    with requests.get(
        settings.limbas_url + NO_PHP,
        timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
        verify=str(settings.limbas_ca_file) if settings.limbas_ca_file else True,
        allow_redirects=False,
        stream=True,
    ) as response:
        return response


def _reach(settings: LimbasSettings) -> Iterator[Finding]:
    url = urlsplit(settings.limbas_url)
    where, host = url.netloc, url.hostname or ""
    try:
        ask(settings)
    except requests.exceptions.SSLError:
        yield ok("limbas.reach", where=where)
        yield problem("limbas.tls", "untrusted")
        return
    except requests.RequestException as error:
        unknown = isinstance(_reason(error), urllib3.exceptions.NameResolutionError)
        yield problem("limbas.reach", "unknown", host=host) if unknown else problem("limbas.reach", "away", where=where)
        yield skipped("limbas.tls", "limbas.reach")
        return
    yield ok("limbas.reach", where=where)
    if url.scheme == "https":
        yield ok("limbas.tls")
    elif host in HERE:
        yield ok("limbas.tls", "needless")
    else:
        yield warning("limbas.tls", "off")


def _reason(error: requests.RequestException) -> object:
    """What urllib3 was stopped by."""
    return getattr(error.args[0], "reason", None) if error.args else None


def _explain(settings: LimbasSettings, error: LimbasUnavailable) -> Finding:
    if isinstance(error, MAYBE_BASE64) and _works_with_other_base64(settings):
        setting = "false" if settings.limbas_soap_base64 else "true"
        return problem("limbas.login", "base64", setting=setting)
    return OUTCOMES.get(type(error), problem("limbas.login", "odd"))


def _works_with_other_base64(settings: LimbasSettings) -> bool:
    other = settings.model_copy(update={"limbas_soap_base64": not settings.limbas_soap_base64})
    try:
        with Limbas(other) as limbas:
            limbas.schema()
    except LimbasUnavailable:
        return False
    return True


def _menu_rights(settings: LimbasSettings) -> object:
    """What Limbas says of the menu entries that our user may use; None when it says nothing."""
    with RunLmb(settings) as runlmb:
        try:
            return runlmb.call({0: {"getvars": ["perms"]}}).get("perms")
        except LimbasUnavailable:
            return None


def _readable(limbas: Limbas, schema: Schema, contacts: ContactsTable) -> Finding:
    """Whether its rows come, too, and not only its name."""
    named = {"table": contacts.table}
    try:
        table = schema.table(contacts.table)
    except SchemaLacks:
        return problem("limbas.contacts", "missing", **named)
    if lacking := [name for name in contacts.fields if not table.has(name)]:
        return problem("limbas.contacts", "fields-missing", fields=", ".join(lacking), **named)
    try:
        next(limbas.rows(contacts.table, contacts.fields, page_size=1), None)
    except LimbasError:
        return problem("limbas.contacts", "unreadable", **named)
    return ok("limbas.contacts", **named)


def _skip_after(because: str, *checks: str) -> Iterator[Finding]:
    return (skipped(f"limbas.{check}", because) for check in checks)
