"""PHP's serialization, as `runlmb` takes and gives it: arrays and scalars, never objects.

`phpserialize` does the work. Around it: bounds, UTF-8 without exceptions, and one error instead of five.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Final, TypeAlias, cast

import phpserialize

from shared.limbas.errors import Malformed

DEEPEST: Final = 64
"""Arrays within arrays. A whole Limbas schema is six deep."""

Value: TypeAlias = "bool | int | float | str | Array | None"
Array: TypeAlias = "dict[int | str, Value]"
Payload: TypeAlias = "bool | int | str | Sequence[Payload] | Map | Mapping[int, Payload] | Mapping[str, Payload] | None"
Map: TypeAlias = "Mapping[int | str, Payload]"


def dumps(payload: Payload, *, as_base64: bool = False) -> str:
    """`payload` as PHP's `serialize` writes it; lists become arrays with the keys 0, 1, 2 and so on.

    `as_base64`: for servers with the Limbas setting `soap_base64`.
    """
    serialized: bytes = phpserialize.dumps(payload, errors="strict")
    return base64.b64encode(serialized).decode() if as_base64 else serialized.decode()


def loads(text: str, *, as_base64: bool = False) -> Array:
    """The array in `text`.

    Raises `Malformed` when it is anything else, holds an object or a reference, text that is not UTF-8, or arrays
    nested deeper than `DEEPEST`.
    """
    try:
        source = BytesIO(base64.b64decode(text.strip(), validate=True) if as_base64 else text.encode())
        value = phpserialize.load(source, decode_strings=True, errors="strict", array_hook=_Checked)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        value = None
    if not isinstance(value, _Checked) or source.read(1):
        raise Malformed(
            "Limbas' answer is not a PHP array: LIMBAS_SOAP_BASE64 must be as the Limbas setting soap_base64 is."
        )
    return cast("Array", value)


class _Checked(dict[int | str, object]):
    """An array as it is read. Refuses keys that PHP has not, and depth."""

    def __init__(self, pairs: Sequence[tuple[object, object]]) -> None:
        if not all(type(key) in (int, str) for key, _ in pairs):
            raise ValueError
        super().__init__(cast("Sequence[tuple[int | str, object]]", pairs))
        self.depth: int = 1 + max((item.depth for item in self.values() if isinstance(item, _Checked)), default=0)
        if self.depth > DEEPEST:
            raise ValueError
