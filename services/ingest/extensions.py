"""Extension codes: which phone in the office.

Source: FHEM's table (72_FB_CALLMONITOR.pm) and Kruemelino's, which agree; 40 to 49 as in AVM's call-list document.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from shared.events import Extension, ExtensionKind

_SINGLE = {
    0: (ExtensionKind.PHONE, "FON 1"),
    1: (ExtensionKind.PHONE, "FON 2"),
    2: (ExtensionKind.PHONE, "FON 3"),
    3: (ExtensionKind.CALL_THROUGH, "Call through"),
    4: (ExtensionKind.ISDN, "ISDN"),
    5: (ExtensionKind.FAX, "Fax"),
    6: (ExtensionKind.ANSWERING_MACHINE, "Answering machine"),
    36: (ExtensionKind.DATA, "Data"),
    37: (ExtensionKind.DATA, "Data"),
    99: (ExtensionKind.MOBILE, "Mobile"),
}
_RANGES = {
    range(10, 20): (ExtensionKind.DECT, "DECT"),
    range(20, 30): (ExtensionKind.IP_PHONE, "IP phone"),
    range(32, 35): (ExtensionKind.DATA, "Data"),
    range(40, 50): (ExtensionKind.ANSWERING_MACHINE, "Answering machine"),
}


def extension(code: int, names: Mapping[int, str]) -> Extension:
    """The extension behind a code; `names` are the site's own."""
    standard = _standard(code)
    return standard.model_copy(update={"name": names[code]}) if code in names else standard


@lru_cache(maxsize=1000)
def _standard(code: int) -> Extension:
    if code in _SINGLE:
        kind, name = _SINGLE[code]
        return Extension(code=code, kind=kind, name=name)
    for codes, (kind, name) in _RANGES.items():
        if code in codes:
            return Extension(code=code, kind=kind, name=f"{name} {code - codes.start + 1}")
    return Extension(code=code, kind=ExtensionKind.UNKNOWN, name=f"Extension {code}")
