"""Type 2 descriptors of mixing: size mismatch, entropy, enthalpy, bonds."""

from __future__ import annotations

import numpy as np

from hecsr.composition import Composition
from hecsr.descriptors import bonding, miedema, weighted
from hecsr.descriptors.computed import Computed
from hecsr.descriptors.descriptor import Descriptor
from hecsr.descriptors.elements import shares, values
from hecsr.descriptors.entropy import mixing_entropy
from hecsr.descriptors.size import mismatch
from hecsr.tables import mixing_enthalpies
from hecsr.units import parse_unit


def _metals(composition: Composition) -> list[str]:
    return [element for element, _ in composition.metals]


def _anion_shares(composition: Composition) -> np.ndarray:
    amounts = np.array([amount for _, amount in composition.anions])
    return np.asarray(amounts / amounts.sum())


def size_mismatch(composition: Composition) -> float:
    """Return delta of the metals from their metallic radii (CN 12)."""
    radii = values(_metals(composition), "r_metallic")
    return mismatch(shares(composition), radii)


def entropy(composition: Composition) -> float:
    """Return the mixing entropy of the metals in J/(mol K), per mole of sites."""
    return mixing_entropy(shares(composition))


def anion_entropy(composition: Composition) -> float:
    """Return the mixing entropy of the anions in J/(mol K), per mole of sites."""
    return mixing_entropy(_anion_shares(composition))


def enthalpy(composition: Composition) -> float:
    """Return the Miedema mixing enthalpy of the metals in kJ/mol."""
    pairs = mixing_enthalpies(_metals(composition))
    return miedema.mixing_enthalpy(shares(composition), pairs)


def omega_inverse(composition: Composition) -> float:
    """Return 1/Omega of the metals, a pure number; NaN for one metal."""
    melting = weighted.mean(
        shares(composition), values(_metals(composition), "melting_point")
    )
    return miedema.inverse_omega(enthalpy(composition), melting, entropy(composition))


def chi_gap(composition: Composition) -> float:
    """Return mean anion less mean metal electronegativity (Pauling)."""
    return bonding.electronegativity_gap(*_bonds(composition))


def ionic_character(composition: Composition) -> float:
    """Return the mean ionic character of the metal-anion bonds, 0 to 1."""
    return bonding.ionic_character(*_bonds(composition))


def _bonds(c: Composition) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    anions = [element for element, _ in c.anions]
    return (
        shares(c),
        values(_metals(c), "chi_pauling"),
        _anion_shares(c),
        values(anions, "chi_pauling"),
    )


def catalogue() -> list[Computed]:
    """Return every descriptor of this family."""
    molar = parse_unit("J/(mol K)")
    return [
        Computed(
            Descriptor(
                "delta", "size mismatch of the metals", r"\delta_r", "delta_r",
                family="metallic radius", kind=2,
                equation=r"\sqrt{\sum_i c_i (1 - r_{\mathrm{m}, i} / "
                r"\overline{r_\mathrm{m}})^2}",
                equation_typst='sqrt(sum_i c_i (1 - r_(upright("m"), i) \\/ '
                'overline(r_upright("m")))^2)',
                source="10.1002/adem.200700240", lower=0.0, rank=2,
            ),
            size_mismatch,
        ),
        Computed(
            Descriptor(
                "entropy", "mixing entropy of the metals", r"\Delta S_\mathrm{mix}",
                'Delta S_upright("mix")', molar, family="mixing entropy", kind=2,
                equation=r"-R \sum_i c_i \ln c_i", equation_typst="-R sum_i c_i ln c_i",
                source="10.1002/adem.200300567", lower=0.0, rank=6,
            ),
            entropy,
        ),
        Computed(
            Descriptor(
                "anion_entropy", "mixing entropy of the anions",
                r"\Delta S_\mathrm{X}", 'Delta S_upright("X")', molar,
                family="anions", kind=2,
                equation=r"-R \sum_x y_x \ln y_x", equation_typst="-R sum_x y_x ln y_x",
                source="10.1002/adem.200300567", lower=0.0, rank=7,
            ),
            anion_entropy,
        ),
        Computed(
            Descriptor(
                "enthalpy", "Miedema mixing enthalpy of the metals",
                r"\Delta H_\mathrm{mix}", 'Delta H_upright("mix")',
                parse_unit("kJ/mol"), family="mixing enthalpy", kind=2,
                equation=r"4 \sum_{i<j} H_{ij} c_i c_j",
                equation_typst="4 sum_(i<j) H_(i j) c_i c_j",
                source="10.2320/matertrans.46.2817", rank=4,
            ),
            enthalpy,
        ),
        Computed(
            Descriptor(
                "omega_inverse", "inverse Omega of the metals", r"\Omega^{-1}",
                "Omega^(-1)", family="mixing enthalpy", kind=2,
                equation=r"|\Delta H_\mathrm{mix}| / "
                r"(\overline{T_\mathrm{m}} \, \Delta S_\mathrm{mix})",
                equation_typst='abs(Delta H_upright("mix")) \\/ '
                '(overline(T_upright("m")) thin Delta S_upright("mix"))',
                source="10.1016/j.matchemphys.2011.11.021", lower=0.0, rank=24,
            ),
            omega_inverse,
        ),
        Computed(
            Descriptor(
                "chi_gap", "electronegativity of the anions less that of the metals",
                r"\Delta\chi_\mathrm{MX}", 'Delta chi_upright("MX")',
                family="bonds", kind=2,
                equation=r"\sum_x y_x \chi_x - \sum_i c_i \chi_i",
                equation_typst="sum_x y_x chi_x - sum_i c_i chi_i",
                source="table elements, property chi_pauling", rank=21,
            ),
            chi_gap,
        ),
        Computed(
            Descriptor(
                "ionic_character", "mean ionic character of the bonds",
                r"f_\mathrm{ion}", 'f_upright("ion")', family="bonds", kind=2,
                equation=r"\sum_{i,x} c_i y_x [1 - e^{-(\chi_i - \chi_x)^2 / 4}]",
                equation_typst="sum_(i,x) c_i y_x [1 - e^(-(chi_i - chi_x)^2 \\/ 4)]",
                source="Pauling, The Nature of the Chemical Bond, 1960, sec. 3-9",
                lower=0.0, upper=1.0, rank=22,
            ),
            ionic_character,
        ),
    ]  # fmt: skip
