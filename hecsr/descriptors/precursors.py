"""Type 2 descriptors over the precursors: the binary compounds of each metal.

Everything is per mole of metal. Two sets are kept apart: the compound of the
ceramic's own structure (`structural`) gives lattice, volume and moduli, the stable
compound gives formation enthalpy and melting point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hecsr.composition import Composition
from hecsr.descriptors import weighted
from hecsr.descriptors.computed import Computed
from hecsr.descriptors.descriptor import Descriptor
from hecsr.descriptors.elements import values
from hecsr.descriptors.size import mismatch
from hecsr.errors import MissingDataError
from hecsr.tables import precursors
from hecsr.units import parse_unit

Array = NDArray[np.float64]
Which = Literal["structural", "stable"]

# The binary family of each anion of a ceramic family that has precursors.
_BINARY: Final = {
    ("carbide", "C"): "carbide",
    ("nitride", "N"): "nitride",
    ("carbonitride", "C"): "carbide",
    ("carbonitride", "N"): "nitride",
    ("diboride", "B"): "diboride",
    ("disilicide", "Si"): "disilicide",
}
AVOGADRO: Final = 0.602214076
"""Formula units per mole times the cubic centimetres in a cubic angstrom."""


def shares_and_values(
    composition: Composition, prop: str, which: Which
) -> tuple[Array, Array]:
    """Return the share and the property of every precursor, per mole of metal.

    In a carbonitride a metal's share is divided between its carbide and nitride.

    Raises
    ------
    MissingDataError
        If the family has no precursors, or a metal's has no value.
    """
    shares: list[float] = []
    found: list[float] = []
    metals = [element for element, _ in composition.metals]
    for anion, amount in composition.anions:
        family = _BINARY.get((composition.family, anion))
        if family is None:
            raise MissingDataError(
                f"the {composition.family} family, as in",
                [composition.formula],
                "precursor data",
                f"there are some for {', '.join(sorted(set(_BINARY.values())))}",
            )
        share = amount / composition.anion_per_metal
        shares += [share * c for _, c in composition.metals]
        found += list(precursors.values(family, prop, which, metals))
    return np.array(shares), np.array(found)


def average(
    composition: Composition,
    prop: str,
    which: Which,
    statistic: Callable[[Array, Array], float],
) -> float:
    """Return a statistic of a precursor property, in its unit."""
    return statistic(*shares_and_values(composition, prop, which))


def lattice_mismatch(composition: Composition) -> float:
    """Return delta_a, the mismatch of the precursors' lattice parameters a."""
    return mismatch(*shares_and_values(composition, "lattice_a", "structural"))


def xray_density(composition: Composition) -> float:
    """Return the density in g/cm^3 that Vegard's cell volume and the masses give."""
    shares, volumes = shares_and_values(composition, "volume", "structural")
    atoms = [*composition.metals, *composition.anions]
    masses = values([element for element, _ in atoms], "mass")
    mass = float(masses @ np.array([amount for _, amount in atoms]))
    return mass / (AVOGADRO * weighted.mean(shares, volumes))


@dataclass(frozen=True)
class _Property:
    name: str
    column: str
    which: Which
    label: str
    latex: str
    typst: str
    unit: str
    family: str
    rank: int
    positive: bool = True


_PROPERTIES: Final = (
    _Property("a", "lattice_a", "structural", "lattice parameter a", "a", "a", "Å",
              "lattice", 3),
    _Property("cell_volume", "volume", "structural", "volume per metal",
              r"V_\mathrm{f}", 'V_upright("f")', "Å^3", "lattice", 12),
    _Property("formation", "formation_enthalpy", "stable", "formation enthalpy",
              r"\Delta H_\mathrm{f}", 'Delta H_upright("f")', "kJ/mol",
              "formation enthalpy", 11, positive=False),
    _Property("precursor_melting", "melting_point", "stable", "melting point",
              r"T_\mathrm{p}", 'T_upright("p")', "K", "precursor melting point", 26),
    _Property("bulk", "bulk_modulus", "structural", "bulk modulus",
              r"B_\mathrm{p}", 'B_upright("p")', "GPa", "moduli", 13),
    _Property("shear", "shear_modulus", "structural", "shear modulus",
              r"G_\mathrm{p}", 'G_upright("p")', "GPa", "moduli", 14),
    _Property("young", "young_modulus", "structural", "Young's modulus",
              r"E_\mathrm{p}", 'E_upright("p")', "GPa", "moduli", 16),
)  # fmt: skip


def catalogue() -> list[Computed]:
    """Return every descriptor of this family."""
    found = [
        Computed(
            Descriptor(
                "delta_a", "lattice mismatch of the precursors", r"\delta_a", "delta_a",
                family="lattice", kind=2,
                equation=r"\sqrt{\sum_i c_i (1 - a_i / \overline{a})^2}",
                equation_typst="sqrt(sum_i c_i (1 - a_i \\/ overline(a))^2)",
                source="table precursor_properties, property lattice_a",
                lower=0.0, rank=2,
            ),
            lattice_mismatch,
        ),
        Computed(
            Descriptor(
                "density_xray", "X-ray density by Vegard's rule",
                r"\rho_\mathrm{X}", 'rho_upright("X")', parse_unit("g/cm^3"),
                family="lattice", kind=2,
                equation=r"\sum_k a_k M_k / (N_\mathrm{A} \overline{V_\mathrm{f}})",
                equation_typst='sum_k a_k M_k \\/ '
                '(N_upright("A") overline(V_upright("f")))',
                source="table precursor_properties, property volume",
                lower=0.0, reaches_zero=False, rank=17,
            ),
            xray_density,
        ),
    ]  # fmt: skip
    for prop in _PROPERTIES:
        found += [_mean(prop), _deviation(prop)]
    return found


def _mean(prop: _Property) -> Computed:
    return Computed(
        Descriptor(
            name=f"{prop.name}_mean",
            label=f"mean {prop.label} of the {prop.which} precursors",
            latex=rf"\overline{{{prop.latex}}}",
            typst=f"overline({prop.typst})",
            unit=parse_unit(prop.unit),
            family=prop.family,
            kind=2,
            equation=rf"\sum_i c_i \, {prop.latex}(i)",
            equation_typst=f"sum_i c_i thin {prop.typst}(i)",
            source=f"table precursor_properties, property {prop.column}",
            lower=0.0 if prop.positive else None,
            reaches_zero=not prop.positive,
            rank=prop.rank,
        ),
        partial(average, prop=prop.column, which=prop.which, statistic=weighted.mean),
    )


def _deviation(prop: _Property) -> Computed:
    return Computed(
        Descriptor(
            name=f"{prop.name}_dev",
            label=f"deviation of {prop.label} over the {prop.which} precursors",
            latex=rf"\sigma({prop.latex})",
            typst=f"sigma({prop.typst})",
            unit=parse_unit(prop.unit),
            family=prop.family,
            kind=2,
            equation=rf"\sqrt{{\sum_i c_i [{prop.latex}(i) - "
            rf"\overline{{{prop.latex}}}]^2}}",
            equation_typst=f"sqrt(sum_i c_i [{prop.typst}(i) - "
            f"overline({prop.typst})]^2)",
            source=f"table precursor_properties, property {prop.column}",
            lower=0.0,
            rank=prop.rank + 1,
        ),
        partial(
            average, prop=prop.column, which=prop.which, statistic=weighted.deviation
        ),
    )
