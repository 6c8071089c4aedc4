"""What can go wrong with Limbas. Each has a class of its own and one sentence for the person who reads it.

Callers tell two kinds apart: `LimbasUnavailable`, where the same request may work later, and `RecordRefused`, where one
record is at fault and the others are not. No sentence holds anything of what Limbas answered: its answers can leak
paths and stack traces, and they carry personal data.
"""

from __future__ import annotations


class LimbasError(Exception):
    """Anything that the Limbas client raises. Its text is one sentence."""


class LimbasUnavailable(LimbasError):
    """Limbas gives no proper answer at the moment. What was asked for **may have happened** all the same."""


class Unreachable(LimbasUnavailable):
    """No connection: the name is unknown, the port is closed, the connection broke before an answer came."""


class TimedOut(LimbasUnavailable):
    """No answer, or not the whole of it, within the time set."""


class TlsProblem(LimbasUnavailable):
    """The certificate cannot be trusted, or the other side does not speak TLS."""


class LoginRefused(LimbasUnavailable):
    """Limbas answered with its login page. Nothing is sent for a while: see `login_guard`."""


class HtmlAnswer(LimbasUnavailable):
    """A page for people where a SOAP answer was due: an error page, a maintenance notice, another server."""


class ServerError(LimbasUnavailable):
    """An HTTP status other than 200, and no SOAP fault with it."""


class Redirected(ServerError):
    """The server sends us elsewhere. We do not follow: the password would go along."""


class SoapFault(LimbasUnavailable):
    """A SOAP fault: PHP died in the middle of the work."""


class PhpWarning(LimbasUnavailable):
    """PHP printed something ahead of or after the answer, which spoils it."""


class CutOff(LimbasUnavailable):
    """The answer ends in the middle."""


class TooLarge(LimbasUnavailable):
    """The answer is larger than `transport.LARGEST_ANSWER`."""


class Malformed(LimbasUnavailable):
    """The answer is whole, and yet not what `runlmb` answers."""


class Incomplete(LimbasUnavailable):
    """Limbas counts more rows than it sends, or answers nothing to a question."""


class SchemaLacks(LimbasError):
    """A table or field that the settings name does not exist in Limbas, is no relation, or is hidden from our user."""


class RecordRefused(LimbasError):
    """One record cannot be written, for its own sake. Others can."""


class DoesNotFit(RecordRefused):
    """A value that the field cannot hold. Found before anything was sent."""


class NotAllowed(RecordRefused):
    """Our user may not do that. Found in the schema, before anything was sent."""


class NoEntry(RecordRefused):
    """The answer has no entry for the action: the table is gone, or our user may not write it (recordings 37, 39)."""


class ErrorReported(RecordRefused):
    """Limbas said no to an action, with or without an `error` block (recording 20)."""


class NotKept(RecordRefused):
    """What was read back differs from what was written."""
