"""Type 3 descriptors: columns that the user's table brings, with their units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.errors import UnitError
from hecsr.units import NUMBER, Unit, parse_unit


def _positive(
    name: str, label: str, latex: str, typst: str, unit: str, scale: float | None = None
) -> Descriptor:
    return Descriptor(
        name, label, latex, typst, parse_unit(unit), family=name, lower=0.0,
        reaches_zero=False, rank=3, scale=scale, logarithmic=scale is not None,
    )  # fmt: skip


def _bounded(
    name: str, label: str, latex: str, typst: str, unit: str, upper: float | None
) -> Descriptor:
    return Descriptor(
        name, label, latex, typst, parse_unit(unit), family=name, lower=0.0,
        upper=upper, rank=3,
    )  # fmt: skip


KILOGRAM_FORCE: Final = 9.80665
"""One kilogram-force in N: the scale at which the logarithm of a load is zero."""

KNOWN: Final[Mapping[str, Descriptor]] = {
    d.name: d
    for d in (
        _positive("load", "indentation load", "F", "F", "N", KILOGRAM_FORCE),
        _positive("efa", "entropy-forming ability", r"\mathrm{EFA}",
                  'upright("EFA")', "atom/eV"),
        _positive("sintering_temperature", "sintering temperature",
                  r"T_\mathrm{s}", 'T_upright("s")', "K"),
        _positive("grain_size", "grain size", "d", "d", "um"),
        _positive("relative_density", "relative density", r"\rho_\mathrm{rel}",
                  'rho_upright("rel")', "%"),
        _positive("carbon_to_metal", "carbon-to-metal ratio", r"n_\mathrm{C}",
                  'n_upright("C")', "1"),
        _bounded("porosity", "porosity", "P", "P", "%", 100.0),
        _bounded("oxygen", "oxygen content", r"w_\mathrm{O}", 'w_upright("O")', "%",
                 100.0),
        Descriptor("mixing_enthalpy", "calculated mixing enthalpy",
                   r"\Delta H_\mathrm{calc}", 'Delta H_upright("calc")',
                   parse_unit("kJ/mol"), family="mixing_enthalpy", rank=3),
        Descriptor("volume_change", "volume change on mixing", r"\Delta V",
                   "Delta V", parse_unit("Å^3"), family="volume_change", rank=3),
    )
}  # fmt: skip
"""Quantities that users often supply; any other column is taken as it is named."""


def supplied(
    name: str,
    unit: str | None = None,
    *,
    wanted: str | None = None,
    label: str | None = None,
    symbol: str | None = None,
) -> tuple[Descriptor, Unit]:
    """Describe a supplied column and the unit its values are given in.

    Parameters
    ----------
    name
        Column name; one of :data:`KNOWN` brings its symbol, unit and bounds.
    unit
        Unit in the file; by default that of the known quantity, else a number.
    wanted
        Unit to convert to; by default that of the known quantity, else `unit`.
    label, symbol
        Words, and a LaTeX symbol, for a quantity that is not known.

    Raises
    ------
    UnitError
        If a unit is unknown or the two are not of one dimension.
    """
    descriptor = KNOWN.get(name, plain(name))
    given = parse_unit(unit) if unit is not None else descriptor.unit
    if wanted is not None:
        unit_wanted = parse_unit(wanted)
        scale = descriptor.scale
        if scale is not None:
            scale = descriptor.unit.convert(scale, unit_wanted)
        descriptor = replace(descriptor, unit=unit_wanted, scale=scale)
    elif name not in KNOWN:
        # an offset scale such as °C cannot stand in a formula: take kelvin
        proper = parse_unit("K") if given.offset else given
        descriptor = replace(descriptor, unit=proper)
    if given.dimension != descriptor.unit.dimension:
        msg = (
            f"column '{name}' is given in '{given.text}', but "
            f"{descriptor.label or name} is in '{descriptor.unit.text}'"
        )
        raise UnitError(msg)
    if label:
        descriptor = replace(descriptor, label=label)
    if symbol:
        descriptor = replace(descriptor, latex=symbol)
    return descriptor, given


def converted(
    values: NDArray[np.float64], given: Unit, wanted: Unit
) -> NDArray[np.float64]:
    """Return a column in the unit `wanted`."""
    if given.like(wanted) or (given is NUMBER and wanted is NUMBER):
        return values
    return np.array([given.convert(float(v), wanted) for v in values])
