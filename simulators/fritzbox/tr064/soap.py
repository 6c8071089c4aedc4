"""The SOAP messages of TR-064: a call of an action in, its answer or a UPnP error out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

_OPEN: Final = (
    '<?xml version="1.0"?>\n'
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">\n<s:Body>\n'
)
_CLOSE: Final = "</s:Body>\n</s:Envelope>\n"
_BODY: Final = "http://schemas.xmlsoap.org/soap/envelope/ Body"

DESCRIPTIONS: Final = {
    401: "Invalid Action",
    402: "Invalid Args",
    606: "Action Not Authorized",
    713: "SpecifiedArrayIndexInvalid",
    820: "Internal Error",
}


class UpnpError(Exception):
    """What an action answers instead of its results."""

    def __init__(self, code: int) -> None:
        """One of `DESCRIPTIONS`."""
        super().__init__(DESCRIPTIONS[code])
        self.code = code


@dataclass(slots=True)
class Call:
    """A call of an action."""

    service_type: str = ""
    action: str = ""
    arguments: dict[str, str] = field(default_factory=dict)


def parse_call(envelope: bytes) -> Call:
    """The call in a SOAP message.

    Raises `UpnpError` if there is none in it.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(envelope, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise UpnpError(402) from None
    if not reader.call.action:
        raise UpnpError(401)
    return reader.call


def answer(call: Call, results: Mapping[str, str]) -> bytes:
    """The message with an action's results."""
    inner = "".join(f"<{name}>{escape(value)}</{name}>\n" for name, value in results.items())
    name = f"u:{call.action}Response"
    return f'{_OPEN}<{name} xmlns:u="{escape(call.service_type)}">\n{inner}</{name}>\n{_CLOSE}'.encode()


def fault(error: UpnpError) -> bytes:
    """The message with an error."""
    return (
        f"{_OPEN}<s:Fault>\n<faultcode>s:Client</faultcode>\n<faultstring>UPnPError</faultstring>\n<detail>\n"
        f'<UPnPError xmlns="urn:dslforum-org:control-1-0">\n<errorCode>{error.code}</errorCode>\n'
        f"<errorDescription>{error}</errorDescription>\n</UPnPError>\n</detail>\n</s:Fault>\n{_CLOSE}"
    ).encode()


class _Reader:
    """expat's handlers: what stands in the body is the action, what stands in that its arguments."""

    def __init__(self) -> None:
        self.call = Call()
        self._path: list[str] = []
        self._text = ""

    def doctype(self, *_: object) -> None:
        raise UpnpError(402)

    def start(self, element: str, _: dict[str, str]) -> None:
        if self._path[1:] == [_BODY]:
            self.call.service_type, self.call.action = element.rpartition(" ")[::2]
        self._path.append(element)
        self._text = ""

    def end(self, element: str) -> None:
        if len(self._path) == 4 and self._path[1] == _BODY:
            self.call.arguments[element.rpartition(" ")[2]] = self._text.strip()
        self._path.pop()

    def text(self, data: str) -> None:
        self._text += data
