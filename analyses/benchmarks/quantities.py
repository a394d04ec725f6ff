"""Quantities as they are met in tables of ceramics: unit, range, distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from hecsr.descriptors.descriptor import Descriptor
from hecsr.units import parse_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workloads import Array

Kind = Literal["even", "log", "whole"]
LIKENESS: Final = 0.7
"""Correlation of a shadow with the variable it follows, both on the normal scale."""


@dataclass(frozen=True)
class Quantity:
    """A column of a table.

    Attributes
    ----------
    low, high
        Range of the values, in `unit`.
    kind
        'even': uniform over the range; 'log': its logarithm is; 'whole': whole
        numbers of the range, ends included.
    """

    name: str
    unit: str
    low: float
    high: float
    kind: Kind = "even"
    label: str = ""

    @property
    def descriptor(self) -> Descriptor:
        """What an engine is told; a quantity that stays positive may divide."""
        return Descriptor(
            self.name,
            label=self.label or self.name,
            unit=parse_unit(self.unit),
            lower=0.0 if self.low >= 0 else None,
            reaches_zero=self.low <= 0,
        )

    def at(self, share: Array) -> Array:
        """Return the values below which these shares of the quantity lie."""
        if self.kind == "log":
            return np.asarray(self.low * (self.high / self.low) ** share)
        if self.kind == "whole":
            steps = np.floor(share * (self.high - self.low + 1))
            return np.asarray(self.low + np.minimum(steps, self.high - self.low))
        return np.asarray(self.low + (self.high - self.low) * share)


def draw(
    random: np.random.Generator,
    rows: int,
    quantities: Sequence[Quantity],
    follows: Mapping[str, str],
) -> dict[str, Array]:
    """Draw independent quantities, but for those that follow another.

    The ranks of a follower and its leader correlate as those of two normal numbers
    with correlation :data:`LIKENESS` (a Gaussian copula).
    """
    from scipy.special import ndtr

    place = {q.name: j for j, q in enumerate(quantities)}
    normal = random.normal(size=(len(quantities), rows))
    for name, leader in follows.items():
        own = np.sqrt(1 - LIKENESS**2) * normal[place[name]]
        normal[place[name]] = LIKENESS * normal[place[leader]] + own
    return {q.name: q.at(ndtr(normal[j])) for j, q in enumerate(quantities)}


ASIDE: Final = {
    q.name: q
    for q in (
        Quantity("VEC", "electrons", 7.5, 9.5, label="valence electrons per f.u."),
        Quantity("d_chi", "1", 0.05, 0.6, label="electronegativity mismatch"),
        Quantity("S_mix", "J/(mol K)", 5.8, 14.9, label="mixing entropy"),
        Quantity("H_mix", "kJ/mol", -40, 10, label="mixing enthalpy"),
        Quantity("rho", "g/cm^3", 4, 13, label="density"),
        Quantity("alpha", "ppm/K", 4, 9, label="thermal expansion"),
        Quantity("T_sinter", "K", 1900, 2500, label="sintering temperature"),
        Quantity("hold", "min", 5, 60, "log", label="holding time"),
        Quantity("p_sinter", "MPa", 20, 80, label="sintering pressure"),
        Quantity("a_lat", "Å", 4.2, 4.8, label="lattice parameter"),
        Quantity("mass", "u", 40, 140, label="mean atomic mass"),
        Quantity("r_mean", "pm", 120, 160, label="mean metallic radius"),
        Quantity("nu", "1", 0.15, 0.3, label="Poisson's ratio"),
        Quantity("oxygen", "%", 0.1, 2, "log", label="oxygen content"),
        Quantity("milling", "h", 1, 48, "log", label="milling time"),
        Quantity("anisotropy", "1", 0.6, 2, label="elastic anisotropy"),
    )
}
"""What any table of a study holds beside what matters, by name."""
