"""The envelope around `runlmb`: one PHP-serialized array in, one out, each as a string inside a SOAP 1.1 message.

The messages have the shape of the recorded ones. PHP's SoapServer refuses document types, and so does this.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final
from xml.parsers import expat
from xml.sax.saxutils import escape

import phpserialize

_OPEN: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:ns1="urn:xmethodsLimbasServer" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/"'
    ' SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><SOAP-ENV:Body>'
)
_CLOSE: Final = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_SERVICE: Final = "urn:xmethodsLimbasServer"

PhpArray = dict[int | str, Any]
"""A PHP array as Python has it. Keys that are whole numbers are int, as in PHP."""


class Fault(Exception):
    """A request that `runlmb` cannot take, or a PHP error inside of it. The text goes into the answer.

    `code` is "Client" where the message is at fault, "Server" where Limbas is.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def argument(envelope: bytes) -> str:
    """The one argument of a `runlmb` call.

    Raises `Fault` if the envelope is not well-formed XML, has a document type or holds another call.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(envelope, True)
    except expat.ExpatError:
        raise Fault("Client", "Bad Request") from None
    if reader.operation is None:
        raise Fault("Client", "Body must be present in a SOAP envelope")
    if reader.operation != f"{_SERVICE} runlmb":
        name = reader.operation.rpartition(" ")[2][:80]
        raise Fault("Server", f"Function '{name}' doesn't exist")
    return "".join(reader.found)


def unserialize(text: str, *, encoded: bool) -> PhpArray:
    """The array that an argument holds. `encoded`: the server's setting `soap_base64` is on.

    What is no serialized array is an empty one: PHP's `unserialize` gives false, and Limbas goes on with that.
    """
    try:
        data = base64.b64decode(text) if encoded else text.encode()
        value = phpserialize.loads(data, decode_strings=True, errors="replace")
        return _normalised(value) if isinstance(value, dict) else {}
    except (ValueError, TypeError, RecursionError, OverflowError, binascii.Error):
        return {}


def answer(array: PhpArray, *, encoded: bool) -> bytes:
    """The envelope that carries an array back."""
    data = phpserialize.dumps(array, errors="replace")
    text = base64.b64encode(data).decode() if encoded else data.decode()
    returned = f'<ns1:runlmbResponse><return xsi:type="xsd:string">{escape(text)}</return></ns1:runlmbResponse>'
    return f"{_OPEN}{returned}{_CLOSE}".encode()


def fault(error: Fault) -> bytes:
    """The envelope of a SOAP fault."""
    code = f"<faultcode>SOAP-ENV:{error.code}</faultcode>"
    text = f"<faultstring>{escape(error.text)}</faultstring>"
    return f"{_OPEN}<SOAP-ENV:Fault>{code}{text}</SOAP-ENV:Fault>{_CLOSE}".encode()


class _Reader:
    """Finds the operation in a SOAP body, and the text of its first argument."""

    def __init__(self) -> None:
        self.operation: str | None = None
        self.found: list[str] = []
        self._path: list[str] = []
        self._arguments = 0

    def doctype(self, *_: object) -> None:
        raise Fault("Client", "DTD are not supported by SOAP")

    def start(self, name: str, _: object) -> None:
        if self._path == [f"{_ENVELOPE} Envelope", f"{_ENVELOPE} Body"] and self.operation is None:
            self.operation = name
        self._path.append(name)
        self._arguments += self._in_argument()

    def end(self, _: str) -> None:
        self._path.pop()

    def text(self, text: str) -> None:
        if self._in_argument() and self._arguments == 1:
            self.found.append(text)

    def _in_argument(self) -> bool:
        return len(self._path) == 4 and self._path[2] == self.operation


def _normalised(value: Any) -> Any:
    """PHP's array keys: text that is a whole number is one."""
    if not isinstance(value, dict):
        return value
    return {_key(key): _normalised(inner) for key, inner in value.items()}


def _key(key: int | str) -> int | str:
    return int(key) if isinstance(key, str) and key.isascii() and key.isdigit() and str(int(key)) == key else key
