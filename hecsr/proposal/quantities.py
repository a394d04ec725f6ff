"""What a column's name says of its quantity: hardness_GPa, load (gf), T / K."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hecsr.descriptors.supplied import KNOWN
from hecsr.errors import UnitError
from hecsr.units import BASE, Unit, parse_unit

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
# Between others these are no unit: an index (valence e, Reuss), or as in at %.
_INDICES: Final = frozenset({"e", "R", "at"})
_LONGEST: Final = 3
"""A unit may be spread over so many parts of a name, as in H_kJ_mol."""

_PARTS: Final = re.compile(r"[_\s]+|(?<=,)")
_ELECTRONS: Final = re.compile(r"(?<![A-Za-z])e(?![A-Za-z])")
# 1e-6, 10^-6, 10-6, 10⁻⁶, 2x10: factors, which no unit has
_FACTOR: Final = re.compile(
    r"(?<![A-Za-z\d.])(\d+(\.\d+)?([eE][-+−]?\d|\^|\s?[x×*]\s?10)"
    r"|10([-−]\d(?!\d)|[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]))"
)
# Symbols of units that are not read here, with a prefix or without.
_FOREIGN: Final = re.compile(
    r"([pnuµμmkMGT]?(Ohm|ohm|ohms|Ω|Hz|eV|Pa|mol|cal|bar|psi)"
    r"|[nuµμmk][VSFTHCLlWAJNKgs]|[MGT][VWJ]|p[FAC]|ksi|Msi|atm|[Tt]orr|dyn|erg|deg|rad|per|e)"
    r"\^?[-−]?\d?"
)
# Letters that are metals and indices too: a unit only before a length, as in S_cm.
_FOREIGN_LETTERS: Final = frozenset("VSFTHCΩ")


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

    A unit behind a slash or in brackets is taken as it stands; one after an
    underline only if it cannot be another word, or the name says what quantity it
    is.

    Examples
    --------
    >>> quantity("load (gf)")
    Quantity(label='load', unit='gf', doubt='')
    >>> quantity("E / GPa")
    Quantity(label='E', unit='GPa', doubt='')
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
    if _FACTOR.search(name) is not None:
        advice = "multiply the column by it, and name the unit alone"
        word = f"its name holds a power of ten, which is no unit; {advice}"
        return Quantity(_label(name), None, word)
    slash = _after_slash(name)
    if slash is not None and not slash.doubt:
        return slash
    if (match := _ENDING.match(name)) is not None:
        return _in_brackets(*match.groups())
    if slash is not None:
        return slash
    parts = [part for part in _PARTS.split(name) if part]
    for taken in range(min(_LONGEST, len(parts) - 1), 0, -1):
        if (found := _after_underline(parts[:-taken], parts[-taken:])) is not None:
            return found
    return Quantity(_label(name), None)


def _after_slash(name: str) -> Quantity | None:
    """Read a quantity divided by its unit, as E / GPa; None where it is none."""
    place = _slash(name)
    label, text = name[:place].rstrip(" _"), name[place + 1 :].strip(" _")
    if place < 0 or not label or not text:
        return None
    # c/a, H/E and kJ/mol have no spaces; who sets them means a column's head
    spaced = name[place - 1] in " _" or name[place + 1] in " _"
    last = [part for part in _PARTS.split(label) if part][-1]
    own_unit = len(last) > 1 and _unit(last) is not None  # dH kJ/mol
    if own_unit and not spaced and last.lower() not in _QUANTITIES:
        return None
    stated = _stated(label)
    if text in _CELSIUS:
        if len(text) > 1 or _like(stated, parse_unit("K")):
            return Quantity(_label(label), "°C")
        text = ""
    unit = _unit(text)
    if unit is not None and unit.text == "1":
        return Quantity(_label(label), None) if spaced else None
    sure = unit is not None and not text[0].isdigit() and not _ELECTRONS.search(text)
    if unit is not None and sure:
        if _like(stated, unit):
            return Quantity(_label(label), unit.text)
        if stated is None and not _doubtful(text):
            return Quantity(_label(label), unit.text)
    if not spaced:
        return None
    behind = name[place + 1 :].strip(" _")
    word = f"'{behind}' behind the slash is no known unit of {_label(label)}"
    return Quantity(_label(name), None, word)


def _slash(name: str) -> int:
    """Return the place of the first slash outside brackets, -1 without one."""
    depth = 0
    for place, mark in enumerate(name):
        depth += (mark in "([") - (mark in ")]")
        if mark == "/" and not depth and 0 < place < len(name) - 1:
            return place
    return -1


def _in_brackets(label: str, text: str) -> Quantity:
    text = text.strip()
    label = label.rstrip("/ _")
    if text in _CELSIUS:
        return Quantity(_label(label), "°C")
    unit = _unit(text)
    if unit is None:
        return Quantity(_label(label), None, f"'{text}' in its name is no known unit")
    return Quantity(_label(label), None if unit.text == "1" else unit.text)


def _after_underline(before: list[str], ending: list[str]) -> Quantity | None:
    """Read `ending` as a unit; None where it is none."""
    label = "_".join(before)
    stated = _stated(label)
    if ending[-1] in _CELSIUS and len(ending) == 1:
        # C is carbon too
        if _like(stated, parse_unit("K")):
            return Quantity(_label(label), "°C")
        return None
    whole = "_".join([*before, *ending])
    text = "/".join(part for part in ending if part != "per")
    if ending[0] == "per" or (len(ending) > 1 and _INDICES & set(ending)):
        return None
    unit = _unit(text)
    if unit is None or unit.text == "1" or text[0] in "/1":
        return None
    if _like(stated, unit):
        return Quantity(_label(label), unit.text)
    last = re.split(r"[_\s/]+", label)[1:][-1:]
    if last and _foreign(last[0], unit):
        word = f"'{last[0]}' before '{text}' in its name is no known unit"
        return Quantity(_label(whole), None, word)
    if _ELECTRONS.search(text):
        word = f"'{text}' ends its name: e may stand for electrons or for anything else"
        return Quantity(_label(whole), None, word)
    if _doubtful(text):
        return None
    if stated is not None:
        word = f"'{text}' ends its name, but is no unit of {_label(label)}"
        return Quantity(_label(whole), None, word)
    return Quantity(_label(label), unit.text)


def _foreign(word: str, unit: Unit) -> bool:
    """Whether a word looks like a unit that is not known, before one that is."""
    if word in _FOREIGN_LETTERS:
        powers = dict(zip(BASE, unit.dimension.exponents, strict=True))
        return {base for base, power in powers.items() if power} == {"m"}
    return _FOREIGN.fullmatch(word) is not None


def _doubtful(text: str) -> bool:
    return text in _DOUBTFUL or (len(text) == 1 and text.isascii() and text.isalpha())


def _unit(text: str) -> Unit | None:
    try:
        return parse_unit(text)
    except UnitError:
        return None


def _like(stated: Unit | None, unit: Unit) -> bool:
    return stated is not None and stated.dimension == unit.dimension


def _stated(label: str) -> Unit | None:
    """Return a unit of the quantity that the words of a name stand for."""
    for word in reversed(re.split(r"[_\s,;:]+", label.lower())):
        if word in _QUANTITIES:
            return parse_unit(_QUANTITIES[word])
    return None


def _label(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).rstrip(",;:") or name
