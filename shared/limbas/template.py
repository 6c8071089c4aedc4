"""Texts made of fields: `{VORNAME} {NAME}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_FIELD: Final = re.compile(r"\{(\w+)\}")
_BETWEEN: Final = " ,;/-–"
"""What is dropped from the ends when a field beside it is empty."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with names of fields in braces."""

    text: str

    def __post_init__(self) -> None:
        if set(_FIELD.sub("", self.text)) & set("{}"):
            raise ValueError("each { needs a field's name and a } after it")

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it names, each once."""
        return tuple(dict.fromkeys(_FIELD.findall(self.text)))

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with the values in it. What only stood between a value and an empty one goes."""
        filled = _FIELD.sub(lambda found: values.get(found[1], "").strip(), self.text)
        return " ".join(filled.split()).strip(_BETWEEN)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        """Settings hold it as a text."""
        return core_schema.no_info_plain_validator_function(_parse)


def _parse(value: object) -> Template:
    if isinstance(value, Template):
        return value
    if isinstance(value, str):
        return Template(value.strip())
    raise ValueError("it must be a text like {VORNAME} {NAME}")
