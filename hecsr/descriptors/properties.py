"""Which element properties become descriptors, with their symbols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class ElementProperty:
    """A property of the elements and how its descriptors are written.

    `factor` takes the table's unit to `unit`: all lengths are in Å and all volumes
    in Å^3, so that radii and lattice parameters may be added.
    """

    name: str
    column: str
    label: str
    latex: str
    typst: str
    unit: str
    factor: float
    family: str
    rank: int

    @property
    def latex_i(self) -> str:
        """The symbol with the index of the element, in LaTeX."""
        return _indexed(self.latex, "_{{{0}, i}}", "_i")

    @property
    def typst_i(self) -> str:
        """The symbol with the index of the element, in Typst."""
        return _indexed(self.typst, "_({0}, i)", "_i")


def _indexed(symbol: str, both: str, alone: str) -> str:
    base, _, subscript = symbol.partition("_")
    return base + (both.format(subscript) if subscript else alone)


_CUBIC_CENTIMETRE_PER_MOL: Final = 1.0 / 0.602214076  # in cubic angstrom per atom

ELEMENT_PROPERTIES: Final = (
    ElementProperty(
        "chi", "chi_pauling", "Pauling electronegativity",
        r"\chi_\mathrm{P}", 'chi_upright("P")', "1", 1.0,
        "electronegativity (Pauling)", 20,
    ),
    ElementProperty(
        "chi_allen", "chi_allen", "Allen electronegativity",
        r"\chi_\mathrm{A}", 'chi_upright("A")', "1", 1.0,
        "electronegativity (Allen)", 30,
    ),
    ElementProperty(
        "r_metallic", "r_metallic", "metallic radius",
        r"r_\mathrm{m}", 'r_upright("m")', "Å", 0.01, "metallic radius", 15,
    ),
    ElementProperty(
        "r_covalent", "r_covalent", "covalent radius",
        r"r_\mathrm{c}", 'r_upright("c")', "Å", 0.01, "covalent radius", 40,
    ),
    ElementProperty(
        "r_atomic", "r_atomic", "atomic radius",
        r"r_\mathrm{a}", 'r_upright("a")', "Å", 0.01, "atomic radius", 45,
    ),
    ElementProperty(
        "r_ionic", "r_ionic", "ionic radius",
        r"r_\mathrm{i}", 'r_upright("i")', "Å", 0.01, "ionic radius", 35,
    ),
    ElementProperty(
        "mass", "mass", "atomic mass", "M", "M", "u", 1.0, "mass", 50,
    ),
    ElementProperty(
        "density", "density", "elemental density",
        r"\rho", "rho", "g/cm^3", 1.0, "density", 55,
    ),
    ElementProperty(
        "volume", "molar_volume", "atomic volume", "V", "V", "Å^3",
        _CUBIC_CENTIMETRE_PER_MOL, "volume", 38,
    ),
    ElementProperty(
        "melting_point", "melting_point", "elemental melting point",
        r"T_\mathrm{m}", 'T_upright("m")', "K", 1.0, "melting point", 25,
    ),
    ElementProperty(
        "bulk_modulus", "bulk_modulus", "elemental bulk modulus",
        "B", "B", "GPa", 1.0, "bulk modulus", 28,
    ),
    ElementProperty(
        "ionisation", "ionisation_energy", "first ionisation energy",
        r"I_1", "I_1", "eV", 1.0, "ionisation energy", 48,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Statistic:
    """A way to average a property over the metals, with symbols to fill in.

    In `equation` {0} is the property's symbol, {1} and {2} those of metals i and j.
    """

    name: str
    suffix: str
    label: str
    latex: str
    typst: str
    equation: str
    equation_typst: str
    spread: bool
    rank: int


STATISTICS: Final = (
    Statistic(
        "mean", "mean", "mean {0}",
        r"\overline{{{0}}}", "overline({0})",
        r"\sum_i c_i {1}", "sum_i c_i {1}", spread=False, rank=0,
    ),
    Statistic(
        "deviation", "dev", "deviation of {0}",
        r"\sigma({0})", "sigma({0})",
        r"\sqrt{{\sum_i c_i ({1} - \overline{{{0}}})^2}}",
        "sqrt(sum_i c_i ({1} - overline({0}))^2)", spread=True, rank=1,
    ),
    Statistic(
        "minimum", "min", "smallest {0}",
        r"\min {0}", "min {0}", r"\min_i {1}", "min_i {1}", spread=False, rank=300,
    ),
    Statistic(
        "maximum", "max", "largest {0}",
        r"\max {0}", "max {0}", r"\max_i {1}", "max_i {1}", spread=False, rank=301,
    ),
    Statistic(
        "extent", "range", "range of {0}",
        r"R({0})", "R({0})", r"\max_i {1} - \min_i {1}",
        "max_i {1} - min_i {1}", spread=True, rank=302,
    ),
    Statistic(
        "pair_mismatch", "mismatch", "pair mismatch of {0}",
        r"\Delta_2({0})", "Delta_2({0})",
        r"\sum_{{i<j}} c_i c_j |{1} - {2}|",
        "sum_(i<j) c_i c_j abs({1} - {2})", spread=True, rank=303,
    ),
)  # fmt: skip
