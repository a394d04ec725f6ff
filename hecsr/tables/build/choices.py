"""Conventions and exceptions that no library holds, each with its reason.

Everything the build script does not read from a library stands here as a literal,
so that a reader sees in one place what was decided rather than looked up.
"""

from __future__ import annotations

from typing import Final

METALS: Final = (
    "Li Na K Mg Ca Sr Ba Al Ga Si Sn Bi "
    "Sc Y La Ce Pr Nd Sm Eu Gd Tb Dy Ho Er Tm Yb Lu "
    "Ti Zr Hf V Nb Ta Cr Mo W Mn Re Fe Ru Co Ir Ni Cu Zn Cd"
).split()

NONMETALS: Final = ["B", "C", "N", "O"]

#: Valence electrons outside the noble-gas core, a filled 4f shell not counted.
VEC: Final[dict[str, int]] = {
    **dict.fromkeys("Li Na K".split(), 1),
    **dict.fromkeys("Mg Ca Sr Ba".split(), 2),
    **dict.fromkeys("B Al Ga".split(), 3),
    **dict.fromkeys("C Si Sn".split(), 4),
    **dict.fromkeys("N Bi".split(), 5),
    "O": 6,
    **dict.fromkeys("Sc Y La Ce Pr Nd Sm Eu Gd Tb Dy Ho Er Tm Yb Lu".split(), 3),
    **dict.fromkeys("Ti Zr Hf".split(), 4),
    **dict.fromkeys("V Nb Ta".split(), 5),
    **dict.fromkeys("Cr Mo W".split(), 6),
    **dict.fromkeys("Mn Re".split(), 7),
    **dict.fromkeys("Fe Ru".split(), 8),
    **dict.fromkeys("Co Ir".split(), 9),
    "Ni": 10,
    "Cu": 11,
    **dict.fromkeys("Zn Cd".split(), 12),
}

VEC_NOTES: Final[dict[str, str]] = {
    **dict.fromkeys(
        "Ce Pr Nd Sm Eu Gd Tb Dy Ho Er Tm Yb Lu".split(),
        "counted as trivalent; 4f electrons not counted",
    ),
    **dict.fromkeys("Hf Ta W Re Ir".split(), "filled 4f shell not counted"),
    **dict.fromkeys("Zn Cd".split(), "filled d shell counted, as for Cu and Ni"),
    **dict.fromkeys("Ga Sn Bi".split(), "filled d shell not counted"),
}

#: Oxidation state, Shannon spin label, and the binary oxide it is taken from.
VALENCE: Final[dict[str, tuple[int, str, str]]] = {
    "Li": (1, "", "Li2O"),
    "Na": (1, "", "Na2O"),
    "K": (1, "", "K2O"),
    "Mg": (2, "", "MgO"),
    "Ca": (2, "", "CaO"),
    "Sr": (2, "", "SrO"),
    "Ba": (2, "", "BaO"),
    "Al": (3, "", "Al2O3"),
    "Ga": (3, "", "Ga2O3"),
    "Si": (4, "", "SiO2"),
    "Sn": (4, "", "SnO2"),
    "Bi": (3, "", "Bi2O3"),
    "Sc": (3, "", "Sc2O3"),
    "Y": (3, "", "Y2O3"),
    "La": (3, "", "La2O3"),
    "Ce": (4, "", "CeO2"),
    "Pr": (3, "", "Pr2O3; the oxide stable in air is of mixed valence"),
    "Nd": (3, "", "Nd2O3"),
    "Sm": (3, "", "Sm2O3"),
    "Eu": (3, "", "Eu2O3"),
    "Gd": (3, "", "Gd2O3"),
    "Tb": (3, "", "Tb2O3; the oxide stable in air is of mixed valence"),
    "Dy": (3, "", "Dy2O3"),
    "Ho": (3, "", "Ho2O3"),
    "Er": (3, "", "Er2O3"),
    "Tm": (3, "", "Tm2O3"),
    "Yb": (3, "", "Yb2O3"),
    "Lu": (3, "", "Lu2O3"),
    "Ti": (4, "", "TiO2"),
    "Zr": (4, "", "ZrO2"),
    "Hf": (4, "", "HfO2"),
    "V": (5, "", "V2O5"),
    "Nb": (5, "", "Nb2O5"),
    "Ta": (5, "", "Ta2O5"),
    "Cr": (3, "", "Cr2O3; Cr(VI) does not occur in refractory compounds"),
    "Mo": (6, "", "MoO3"),
    "W": (6, "", "WO3"),
    "Mn": (4, "", "MnO2"),
    "Re": (7, "", "Re2O7"),
    "Fe": (3, "HS", "Fe2O3"),
    "Ru": (4, "", "RuO2"),
    "Co": (2, "HS", "CoO"),
    "Ir": (4, "", "IrO2"),
    "Ni": (2, "", "NiO"),
    "Cu": (2, "", "CuO"),
    "Zn": (2, "", "ZnO"),
    "Cd": (2, "", "CdO"),
    "O": (-2, "", "the anion of the oxides"),
}

#: mendeleev averages the entries of Cordero et al. for these four; the table
#: holds one of the published entries instead, never a mean.
CORDERO: Final[dict[str, tuple[int, str]]] = {
    "C": (76, "sp3 carbon"),
    "Mn": (139, "low spin"),
    "Fe": (132, "low spin"),
    "Co": (126, "low spin"),
}

#: Isothermal bulk moduli at room temperature, GPa. Left out: C (the value is that
#: of diamond), Sn (grey tin), N and O (solid only when cold), Bi (not seen).
BULK_MODULUS: Final[dict[str, float]] = {
    "Li": 11.6,
    "Na": 6.8,
    "K": 3.2,
    "Mg": 35.4,
    "Ca": 15.2,
    "Sr": 11.6,
    "Ba": 10.3,
    "B": 178,
    "Al": 72.2,
    "Si": 98.8,
    "Ga": 56.9,
    "Sc": 43.5,
    "Y": 36.6,
    "La": 24.3,
    "Ce": 23.9,
    "Pr": 30.6,
    "Nd": 32.7,
    "Sm": 29.4,
    "Eu": 14.7,
    "Gd": 38.3,
    "Tb": 39.9,
    "Dy": 38.4,
    "Ho": 39.7,
    "Er": 41.1,
    "Tm": 39.7,
    "Yb": 13.3,
    "Lu": 41.1,
    "Ti": 105.1,
    "Zr": 83.3,
    "Hf": 109,
    "V": 161.9,
    "Nb": 170.2,
    "Ta": 200,
    "Cr": 190.1,
    "Mo": 272.5,
    "W": 323.2,
    "Mn": 59.6,
    "Re": 372,
    "Fe": 168.3,
    "Ru": 320.8,
    "Co": 191.4,
    "Ir": 355,
    "Ni": 186,
    "Cu": 137,
    "Zn": 59.8,
    "Cd": 46.7,
}

BULK_MODULUS_NOTES: Final = {"Ce": "gamma cerium", "Ga": "at 273 K"}

#: (property, symbol) -> why a value a library offers is not taken.
LEFT_OUT: Final[dict[tuple[str, str], str]] = {
    **{
        ("chi_pauling", s): "no value on Pauling's scale has been measured"
        for s in ("Eu", "Tb", "Yb")
    },
    **{
        ("r_metallic", s): "no metallic state at ordinary pressure"
        for s in ("B", "C", "N", "O")
    },
    **{
        (prop, s): "a gas under ordinary conditions"
        for prop in ("density", "molar_volume")
        for s in ("N", "O")
    },
}

#: Notes that a reader of one value needs.
NOTES: Final[dict[tuple[str, str], str]] = {
    ("chi_pauling", "W"): "some handbooks list 1.7, Pauling's older value",
    ("chi_pauling", "Bi"): "some handbooks list 1.9",
    ("chi_pauling", "Lu"): "some handbooks list 1.0",
    ("r_metallic", "Si"): "scaled to twelve neighbours; silicon itself has four",
    ("molar_volume", "C"): "graphite",
    ("density", "C"): "graphite",
}
