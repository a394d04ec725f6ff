"""The element properties the tables hold: unit, convention, and where each is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Property:
    """One row of ``properties.csv``.

    Parameters
    ----------
    name : str
        Key used in ``elements.csv``.
    label : str
        Short name for axes and tables.
    unit : str
        Unit of every value; ``1`` where the quantity is a pure number.
    convention : str
        The choice that makes the number reproducible.
    description : str
        One sentence for a reader who does not know the quantity.
    """

    name: str
    label: str
    unit: str
    convention: str
    description: str


PROPERTIES: Final = (
    Property(
        "atomic_number",
        "atomic number",
        "1",
        "protons in the nucleus",
        "Place of the element in the periodic table.",
    ),
    Property(
        "mass",
        "standard atomic weight",
        "u",
        "conventional value where IUPAC gives an interval",
        "Mean mass of an atom in natural abundance.",
    ),
    Property(
        "vec",
        "valence electrons",
        "1",
        "group number for groups 1 to 12, group number less ten for groups 13 to 16; "
        "lanthanides three; 4f electrons not counted; Zn and Cd twelve",
        "Electrons an atom brings to the valence band.",
    ),
    Property(
        "valence",
        "oxidation state",
        "1",
        "that of the common binary oxide named in the note; sets which ionic radius "
        "is meant",
        "Formal charge at which the ionic radius is tabulated.",
    ),
    Property(
        "chi_pauling",
        "electronegativity (Pauling)",
        "1",
        "Pauling's thermochemical scale as revised by Allred: W 2.36, Mo 2.16",
        "Power of an atom to attract electrons, from bond energies.",
    ),
    Property(
        "chi_allen",
        "electronegativity (Allen)",
        "1",
        "configuration energy in eV times 2.30016 / 13.605693, rounded as published "
        "(three decimals for the main groups, two for the d block)",
        "Mean ionisation energy of the valence electrons, on Pauling's scale.",
    ),
    Property(
        "r_metallic",
        "metallic radius",
        "pm",
        "half the distance between neighbours, scaled to coordination number 12",
        "Size of the atom in a metal.",
    ),
    Property(
        "r_covalent",
        "covalent radius",
        "pm",
        "single bond, Cordero 2008; low spin for Mn, Fe, Co, sp3 for C",
        "Size of the atom in a covalent bond.",
    ),
    Property(
        "r_atomic",
        "atomic radius",
        "pm",
        "Slater 1964, empirical, given in steps of 5 pm",
        "Size of the atom fitted to distances in many crystals.",
    ),
    Property(
        "r_ionic",
        "ionic radius",
        "pm",
        "Shannon 1976 effective ionic radius (not crystal radius), coordination "
        "number 6, at the oxidation state in `valence`, high spin for Fe and Co",
        "Size of the ion in an oxide.",
    ),
    Property(
        "density",
        "density",
        "g/cm3",
        "solid near room temperature",
        "Mass per volume of the element.",
    ),
    Property(
        "melting_point",
        "melting point",
        "K",
        "at 101.325 kPa; Sn is white tin",
        "Temperature at which the element melts.",
    ),
    Property(
        "molar_volume",
        "molar volume",
        "cm3/mol",
        "solid near room temperature",
        "Volume of one mole of atoms.",
    ),
    Property(
        "bulk_modulus",
        "bulk modulus",
        "GPa",
        "isothermal, room temperature, polycrystal",
        "Resistance of the element to uniform compression.",
    ),
    Property(
        "ionisation_energy",
        "first ionisation energy",
        "eV",
        "neutral atom in its ground state",
        "Energy to remove one electron from a free atom.",
    ),
)
