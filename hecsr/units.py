"""Units and dimensions: exact exponents of the seven SI base quantities."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from hecsr.errors import UnitError, suggestion

BASE: Final = ("kg", "m", "s", "A", "K", "mol", "cd")
Exponents = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """Exponents of kg, m, s, A, K, mol and cd, as exact fractions."""

    exponents: Exponents = (Fraction(0),) * len(BASE)

    @property
    def dimensionless(self) -> bool:
        """Whether every exponent is zero."""
        return not any(self.exponents)

    def __mul__(self, other: Dimension) -> Dimension:
        pairs = zip(self.exponents, other.exponents, strict=True)
        return Dimension(tuple(a + b for a, b in pairs))

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other ** Fraction(-1)

    def __pow__(self, power: Fraction | int) -> Dimension:
        return Dimension(tuple(e * Fraction(power) for e in self.exponents))

    def __str__(self) -> str:
        parts = [
            base if e == 1 else f"{base}^{e}"
            for base, e in zip(BASE, self.exponents, strict=True)
            if e
        ]
        return " ".join(parts) or "1"


DIMENSIONLESS: Final = Dimension()


def _base(**exponents: int) -> Dimension:
    return Dimension(tuple(Fraction(exponents.get(name, 0)) for name in BASE))


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written, its dimension, and ``SI value = value * factor + offset``."""

    text: str
    dimension: Dimension
    factor: float
    offset: float = 0.0

    @property
    def shown(self) -> str:
        """The unit for a reader: as `text`, but with µ for micro."""
        return _MICRO.sub(_PRINTED["um"], self.text)

    @property
    def latex(self) -> str:
        """The unit in upright LaTeX, empty for a pure number."""
        return _typeset(self.text, r"\mathrm{{{0}}}", "^{{{0}}}", r"\,")

    @property
    def typst(self) -> str:
        """The unit in upright Typst mathematics, empty for a pure number."""
        return _typeset(self.text, 'upright("{0}")', "^({0})", " thin ")

    def like(self, other: Unit) -> bool:
        """Whether numbers in both units may be added as they stand."""
        same = self.dimension == other.dimension and self.offset == other.offset
        return same and abs(self.log_factor - other.log_factor) < 1e-9

    @property
    def log_factor(self) -> float:
        """Natural logarithm of the factor to SI; adds up in products."""
        return math.log(self.factor)

    def convert(self, value: float, to: Unit) -> float:
        """Return `value`, given in this unit, in the unit `to`.

        Raises
        ------
        UnitError
            If the two units measure different quantities.
        """
        if self.dimension != to.dimension:
            msg = (
                f"'{self.text}' ({self.dimension}) cannot be converted to "
                f"'{to.text}' ({to.dimension})"
            )
            raise UnitError(msg)
        return (value * self.factor + self.offset - to.offset) / to.factor

    def __mul__(self, other: Unit) -> Unit:
        return _derived(self, other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return _derived(self, other, -1)

    def __pow__(self, power: Fraction | int) -> Unit:
        power = Fraction(power)
        factors = {n: e * power for n, e in _factors(self.text).items()}
        factor = _product_of(((self.factor, power),))
        return Unit(_written(factors), self.dimension**power, factor)


_ENERGY = _base(kg=1, m=2, s=-2)
_FORCE = _base(kg=1, m=1, s=-2)
_PRESSURE = _base(kg=1, m=-1, s=-2)
_EV = 1.602176634e-19
_GAS = 8.31446261815324

# Exact by the 2019 SI, CODATA 2018 for the atomic mass unit.
_KNOWN: Final[Mapping[str, tuple[Dimension, float]]] = {
    "1": (DIMENSIONLESS, 1.0),
    "%": (DIMENSIONLESS, 0.01),
    "ppm": (DIMENSIONLESS, 1e-6),
    "electrons": (DIMENSIONLESS, 1.0),
    "atom": (DIMENSIONLESS, 1.0),
    "f.u.": (DIMENSIONLESS, 1.0),
    "m": (_base(m=1), 1.0),
    "cm": (_base(m=1), 1e-2),
    "mm": (_base(m=1), 1e-3),
    "um": (_base(m=1), 1e-6),
    "nm": (_base(m=1), 1e-9),
    "pm": (_base(m=1), 1e-12),
    "Å": (_base(m=1), 1e-10),
    "kg": (_base(kg=1), 1.0),
    "g": (_base(kg=1), 1e-3),
    "mg": (_base(kg=1), 1e-6),
    "u": (_base(kg=1), 1.66053906660e-27),
    "s": (_base(s=1), 1.0),
    "min": (_base(s=1), 60.0),
    "h": (_base(s=1), 3600.0),
    "K": (_base(K=1), 1.0),
    "A": (_base(A=1), 1.0),
    "mol": (_base(mol=1), 1.0),
    "cd": (_base(cd=1), 1.0),
    "J": (_ENERGY, 1.0),
    "kJ": (_ENERGY, 1e3),
    "MJ": (_ENERGY, 1e6),
    "eV": (_ENERGY, _EV),
    "meV": (_ENERGY, _EV * 1e-3),
    "cal": (_ENERGY, 4.184),
    "kcal": (_ENERGY, 4184.0),
    "W": (_base(kg=1, m=2, s=-3), 1.0),
    "N": (_FORCE, 1.0),
    "mN": (_FORCE, 1e-3),
    "kN": (_FORCE, 1e3),
    "kgf": (_FORCE, 9.80665),
    "gf": (_FORCE, 9.80665e-3),
    "Pa": (_PRESSURE, 1.0),
    "kPa": (_PRESSURE, 1e3),
    "MPa": (_PRESSURE, 1e6),
    "GPa": (_PRESSURE, 1e9),
    "bar": (_PRESSURE, 1e5),
    "HV": (_PRESSURE, 9.80665e6),
    "R": (_base(kg=1, m=2, s=-2, K=-1, mol=-1), _GAS),
}
_SPELLINGS: Final = {
    "": "1",
    "-": "1",
    "angstrom": "Å",
    "A°": "Å",
    "Å": "Å",
    "µm": "um",
    "μm": "um",
    "at": "atom",
    "atoms": "atom",
    "amu": "u",
    "percent": "%",
    "degC": "°C",
    "e": "electrons",
}
# `text` is compared and stored, and stays as it was; these are for readers
_PRINTED: Final = {"um": "µm"}
_MICRO = re.compile(r"(?<![A-Za-zÅµμ%°.])um(?![A-Za-z.%°])")
_CELSIUS = Unit("°C", _base(K=1), 1.0, 273.15)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NAME = re.compile(r"[A-Za-zÅµμ%][A-Za-z.%°]*|1|-(?!\d)")
_POWER = re.compile(r"\^?\s*(?:\(([-−]?\d{1,9}(?:/[1-9]\d{0,9})?)\)|([-−]?\d{1,2}))")
_ENDING = re.compile(r"[(\[]((?:[^()\[\]]|\([^()]*\))+)[)\]]$")
_LONGEST: Final = 80


def labelled(label: str, unit: Unit) -> str:
    """Return a label with its unit in brackets, if it has one and does not say it.

    Examples
    --------
    >>> labelled("hardness", parse_unit("GPa")), labelled("HV (GPa)", parse_unit("GPa"))
    ('hardness (GPa)', 'HV (GPa)')
    """
    if unit.text == "1" or says_unit(label, unit):
        return label
    return f"{label} ({unit.shown})"


def says_unit(label: str, unit: Unit) -> bool:
    """Whether a label ends with the unit in brackets."""
    ending = _ENDING.search(label.rstrip())
    if ending is None:
        return False
    try:
        return parse_unit(ending[1]).like(unit)
    except UnitError:
        return False


def parse_unit(text: str) -> Unit:
    """Read a unit such as ``GPa``, ``kJ/mol``, ``g/cm^3``, ``J/(mol K)``, ``°C``.

    Raises
    ------
    UnitError
        If a unit is unknown; the message names the closest known one.
    """
    if len(text) > _LONGEST:
        raise UnitError(
            f"a unit of {len(text)} characters; at most {_LONGEST} are read"
        )
    given = text.strip().translate(_SUPERSCRIPTS)
    given = _SPELLINGS.get(given, given)
    if given == _CELSIUS.text:
        return _CELSIUS
    factors = _factors(given)
    return _known(factors)


def product_of_powers(parts: Iterable[tuple[Unit, Fraction]]) -> Unit:
    """Multiply powers of units; named units that cancel leave no trace.

    Raises
    ------
    UnitError
        If a unit with a zero of its own, as °C, is multiplied or raised.
    """
    factors: dict[str, Fraction] = {}
    for unit, power in parts:
        own = {unit.text: Fraction(1)} if unit.offset else _factors(unit.text)
        for name, exponent in own.items():
            factors[name] = factors.get(name, Fraction(0)) + power * exponent
    factors = {name: power for name, power in factors.items() if power}
    if factors == {_CELSIUS.text: 1}:
        return _CELSIUS
    if _CELSIUS.text in factors:
        msg = (
            f"{_CELSIUS.text} has a zero of its own and cannot be multiplied; give "
            "the quantity in K"
        )
        raise UnitError(msg)
    return _known(factors)


def _known(factors: Mapping[str, Fraction]) -> Unit:
    dimension = DIMENSIONLESS
    for name, power in factors.items():
        dimension = dimension * _KNOWN[name][0] ** power
    factor = _product_of((_KNOWN[name][1], power) for name, power in factors.items())
    return Unit(_written(factors), dimension, factor)


def _factors(text: str) -> dict[str, Fraction]:
    """Split a unit's text into named units and their powers."""
    factors, end = _product(text, 0)
    if end < len(text):
        raise _unreadable(text, end)
    return {name: power for name, power in factors.items() if power}


def _product(text: str, position: int) -> tuple[dict[str, Fraction], int]:
    """Read ``a b^2/(c d)`` up to a closing bracket or the end."""
    factors: dict[str, Fraction] = {}
    sign = 1
    while position < len(text) and text[position] != ")":
        mark = text[position]
        if mark in "/*· ":
            sign = -1 if mark == "/" else sign
            position += 1
            continue
        if mark == "(":
            inner, position = _product(text, position + 1)
            if position >= len(text):
                raise _unreadable(text, position)
            position += 1
        else:
            name, position = _name(text, position)
            inner = {} if name == "1" else {name: Fraction(1)}
        power = _POWER.match(text, position)
        exponent = Fraction(1)
        if power is not None:
            exponent = Fraction((power[1] or power[2]).replace("−", "-"))
            position = power.end()
            if text[position : position + 1].isalnum():
                raise _unreadable(text, position)
        for name, own in inner.items():
            total = factors.get(name, Fraction(0)) + sign * exponent * own
            factors[name] = total
        sign = 1
    return factors, position


def _name(text: str, position: int) -> tuple[str, int]:
    match = _NAME.match(text, position)
    if match is None:
        raise _unreadable(text, position)
    name = _SPELLINGS.get(match[0], match[0])
    if name not in _KNOWN:
        msg = f"unknown unit '{name}' in '{text}'; {suggestion(name, _KNOWN)}"
        raise UnitError(msg)
    return name, match.end()


def _unreadable(text: str, position: int) -> UnitError:
    mark = " " * position + "^"
    return UnitError(f"cannot read the unit\n  {text}\n  {mark}")


def _written(factors: Mapping[str, Fraction]) -> str:
    def one(name: str, power: Fraction) -> str:
        if power == 1:
            return name
        plain = power.denominator == 1
        return f"{name}^{power}" if plain else f"{name}^({power})"

    above = [one(n, p) for n, p in factors.items() if p > 0]
    below = [one(n, -p) for n, p in factors.items() if p < 0]
    if not below:
        return " ".join(above) or "1"
    bottom = below[0] if len(below) == 1 else f"({' '.join(below)})"
    return f"{' '.join(above) or '1'}/{bottom}"


def _derived(left: Unit, right: Unit, sign: int) -> Unit:
    factors = dict(_factors(left.text))
    for name, power in _factors(right.text).items():
        factors[name] = factors.get(name, Fraction(0)) + sign * power
    factors = {n: p for n, p in factors.items() if p}
    dimension = left.dimension * right.dimension**sign
    factor = _product_of(((left.factor, 1), (right.factor, sign)))
    return Unit(_written(factors), dimension, factor)


def _product_of(factors: Iterable[tuple[float, Fraction | int]]) -> float:
    """Multiply powers of factors to SI.

    Raises
    ------
    UnitError
        If the result is beyond the range of a number, as for pm^36.
    """
    result = 1.0
    try:
        for factor, power in factors:
            result *= factor ** float(power)
    except (OverflowError, ZeroDivisionError):
        result = 0.0
    if not 0 < result < math.inf:
        raise UnitError("a unit has so high a power that its factor is no number")
    return result


def _typeset(text: str, name_form: str, power_form: str, space: str) -> str:
    if text == _CELSIUS.text:
        return name_form.format(text)
    parts = []
    for name, power in _factors(text).items():
        printed = _PRINTED.get(name, name)
        written = printed.replace("%", r"\%") if "mathrm" in name_form else printed
        shown = name_form.format(written)
        parts.append(shown if power == 1 else shown + power_form.format(power))
    return space.join(parts)


NUMBER: Final = parse_unit("1")
