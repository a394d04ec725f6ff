"""Units in plain characters, so that they read alike in text, tables and figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hecsr.report.model import Rich, rich

if TYPE_CHECKING:
    from hecsr.units import Unit

_SUPERSCRIPTS: Final = str.maketrans("-/0123456789", "⁻ᐟ⁰¹²³⁴⁵⁶⁷⁸⁹")
_FACTOR = re.compile(r"\\mathrm\{([^{}]*)\}(?:\^\{([^{}]*)\})?")


def unit_text(unit: Unit) -> str:
    """Return a unit as ``kJ mol⁻¹`` or ``GPa¹ᐟ²``; nothing for a pure number."""
    if unit.text == "1":
        return ""
    parts = []
    for name, power in _FACTOR.findall(unit.latex):
        shown = name.replace("\\", "")
        if not power:
            parts.append(shown)
        else:
            parts.append(shown + power.translate(_SUPERSCRIPTS))
    return "\u00a0".join(parts) or unit.text


def unit_cell(unit: Unit) -> Rich:
    """Return a unit for a cell of a table; a dash for a pure number."""
    return rich(unit_text(unit) or "–")


def unit_head(unit: Unit) -> Rich:
    """Return a unit for the head of a column; nothing for a pure number."""
    return rich(unit_text(unit))
