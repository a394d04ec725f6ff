"""Units as text that DynamicQuantities.jl can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.units import BASE, parse_unit, product_of_powers

if TYPE_CHECKING:
    from hecsr.units import Unit


def quantity(unit: Unit) -> str:
    """Return a unit as a factor times powers of the SI base units.

    Only these are written, for DynamicQuantities.jl knows few of the units that are
    used with materials: not GPa, nor Å, nor %. A pure number is ``1``: PySR compares
    dimensions alone.

    Examples
    --------
    >>> from hecsr.units import parse_unit
    >>> quantity(parse_unit("GPa"))
    '1000000000.0*kg*m^-1*s^-2'
    >>> quantity(parse_unit("%"))
    '1'
    """
    if unit.dimension.dimensionless:
        return "1"
    parts = [] if unit.factor == 1 else [repr(unit.factor)]
    for base, power in zip(BASE, unit.dimension.exponents, strict=True):
        if power == 1:
            parts.append(base)
        elif power.denominator == 1 and power:
            parts.append(f"{base}^{power.numerator}")
        elif power:
            parts.append(f"{base}^{float(power)!r}")
    return "*".join(parts)


def in_si(unit: Unit) -> Unit:
    """Return the SI unit of the same dimension: all that PySR compares."""
    powers = zip(BASE, unit.dimension.exponents, strict=True)
    return product_of_powers([(parse_unit(base), e) for base, e in powers if e])
