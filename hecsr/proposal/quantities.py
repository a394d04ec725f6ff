"""What a column's name says of its quantity: hardness_GPa, load (gf), T [K]."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hecsr.descriptors.supplied import KNOWN
from hecsr.errors import UnitError
from hecsr.units import Unit, parse_unit

_ENDING: Final = re.compile(
    r"^(.+?)[\s_]*[(\[]([^()\[\]]*(?:\([^()]*\))?[^()\[\]]*)[)\]]$"
)
_CELSIUS: Final = frozenset({"C", "oC", "degC", "deg C", "° C", "ºC", "Celsius"})

# A word of a name, and a unit of the quantity that it stands for.
_QUANTITIES: Final = {
    "temperature": "K", "temp": "K", "t": "K", "load": "N", "force": "N", "f": "N",
    "time": "s", "duration": "s", "hold": "s", "dwell": "s", "mass": "kg",
    "weight": "kg", "length": "m", "size": "m", "grain": "m", "diameter": "m",
    "radius": "m", "thickness": "m", "depth": "m", "density": "kg/m^3",
    "pressure": "Pa", "hardness": "Pa", "hv": "Pa", "modulus": "Pa",
    "strength": "Pa", "stress": "Pa", "energy": "J", "power": "W", "current": "A",
}  # fmt: skip
# Endings that are words or symbols more often than units: x_N, load_min, n_at.
_DOUBTFUL: Final = frozenset({"min", "at", "atom", "atoms", "cd", "electrons", "mol"})
_LONGEST: Final = 3
"""A unit may be spread over so many parts of a name, as in H_kJ_mol."""


@dataclass(frozen=True)
class Quantity:
    """A column's name without its unit, and the unit if it is known.

    `doubt` says why an ending was not taken for a unit, or what was assumed.
    """

    label: str
    unit: str | None
    doubt: str = ""


def quantity(name: str) -> Quantity:
    """Read the unit out of a column's name.

    A unit in brackets is taken as it stands; one after an underline only if it
    cannot be another word, or the name says what quantity it is.

    Examples
    --------
    >>> quantity("load (gf)")
    Quantity(label='load', unit='gf', doubt='')
    >>> quantity("sintering_temperature_C").unit, quantity("H_kJ_mol").unit
    ('°C', 'kJ/mol')
    >>> quantity("x_N").unit is None
    True
    """
    if name in KNOWN:
        unit = KNOWN[name].unit
        if unit.text == "1":
            return Quantity(_label(name), None)
        return Quantity(
            _label(name),
            unit.text,
            f"its unit is taken to be {unit.shown}, for the name does not say",
        )
    if (match := _ENDING.match(name)) is not None:
        return _in_brackets(*match.groups())
    parts = re.split(r"[_\s]+", name)
    for taken in range(min(_LONGEST, len(parts) - 1), 0, -1):
        label, ending = "_".join(parts[:-taken]), parts[-taken:]
        if (found := _after_underline(label, ending)) is not None:
            return found
    return Quantity(_label(name), None)


def _in_brackets(label: str, text: str) -> Quantity:
    text = text.strip()
    if text in _CELSIUS:
        return Quantity(_label(label), "°C")
    try:
        unit = parse_unit(text)
    except UnitError:
        return Quantity(_label(label), None, f"'{text}' in its name is no known unit")
    return Quantity(_label(label), None if unit.text == "1" else unit.text)


def _after_underline(label: str, ending: list[str]) -> Quantity | None:
    """Read `ending` as a unit; None where it is none."""
    if not label:
        return None
    stated = _stated(label)
    if ending[-1] in _CELSIUS and len(ending) == 1:
        # C is carbon too
        if stated is not None and stated.dimension == parse_unit("K").dimension:
            return Quantity(_label(label), "°C")
        return None
    text = "/".join(part for part in ending if part != "per")
    try:
        unit = parse_unit(text)
    except UnitError:
        return None
    if unit.text == "1":
        return None
    if stated is not None and stated.dimension != unit.dimension:
        if len(text) == 1 or text in _DOUBTFUL:
            return None
        word = f"'{text}' ends its name, but is no unit of {_label(label)}"
        return Quantity(_label(f"{label}_{'_'.join(ending)}"), None, word)
    if stated is None and (len(text) == 1 or text in _DOUBTFUL or text.isdigit()):
        return None
    return Quantity(_label(label), unit.text)


def _stated(label: str) -> Unit | None:
    """Return a unit of the quantity that the words of a name stand for."""
    for word in reversed(re.split(r"[_\s]+", label.lower())):
        if word in _QUANTITIES:
            return parse_unit(_QUANTITIES[word])
    return None


def _label(name: str) -> str:
    return " ".join(name.replace("_", " ").split())
