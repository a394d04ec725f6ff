"""Assemble the rows of ``elements.csv`` and ``mixing_enthalpy.csv``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from hecsr.tables.build import choices
from hecsr.tables.build.libraries import (
    magpie,
    mendeleev_elements,
    miedema_pairs,
    pymatgen_elements,
    shannon_radii,
)
from hecsr.tables.build.properties import PROPERTIES
from hecsr.tables.periodic import ATOMIC_NUMBER

#: From configuration energy in eV to Pauling units: Allen's factor is 2.30016 per
#: rydberg, and a rydberg is 13.605693 eV.
ALLEN_PER_EV: Final = 2.30016 / 13.605693

#: Elements whose Allen electronegativity is published with three decimals.
_MAIN_GROUP: Final = frozenset("Li Na K Mg Ca Sr Ba B Al Ga C Si Sn N Bi O".split())


@dataclass(frozen=True)
class Row:
    """One value of one property of one element."""

    symbol: str
    property: str
    value: str
    source: str
    note: str = ""


def number(value: float, digits: int = 6) -> str:
    """Write a number without the noise of binary storage.

    Examples
    --------
    >>> number(113.99999999999999)
    '114'
    >>> number(6.82812)
    '6.82812'
    """
    text = f"{round(value, digits):.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def _stored(column: str) -> Callable[[str], Any]:
    return lambda symbol: mendeleev_elements()[symbol][column]


def _pymatgen(column: str) -> Callable[[str], Any]:
    return lambda symbol: pymatgen_elements()[symbol].get(column)


def _allen(symbol: str) -> float | None:
    energy: float | None = mendeleev_elements()[symbol]["en_allen"]
    if energy is None:
        return None
    return round(energy * ALLEN_PER_EV, 3 if symbol in _MAIN_GROUP else 2)


def _ionic(symbol: str) -> float | None:
    if symbol not in choices.VALENCE:
        return None
    charge, spin, _ = choices.VALENCE[symbol]
    return shannon_radii()[(symbol, charge, spin)]


def _covalent(symbol: str) -> float | None:
    if symbol in choices.CORDERO:
        value = choices.CORDERO[symbol][0]
        if magpie("CovalentRadius")[ATOMIC_NUMBER[symbol]] != value:
            text = f"Magpie's covalent radius of {symbol} is not {value} pm"
            raise AssertionError(text)
        return value
    radius: float = mendeleev_elements()[symbol]["covalent_radius_cordero"]
    return radius


#: Property -> (source key, how to look a symbol up).
_LOOKUP: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "atomic_number": ("iupac", ATOMIC_NUMBER.get),
    "mass": ("iupac", _stored("atomic_weight")),
    "vec": ("hecsr_vec", choices.VEC.get),
    "valence": ("hecsr_valence", lambda s: choices.VALENCE.get(s, (None,))[0]),
    "chi_pauling": ("pymatgen", _pymatgen("X")),
    "chi_allen": ("mann2000", _allen),
    "r_metallic": ("kaye_laby", _stored("metallic_radius_c12")),
    "r_covalent": ("cordero2008", _covalent),
    "r_atomic": ("slater1964", _stored("atomic_radius")),
    "r_ionic": ("shannon1976", _ionic),
    "density": ("crc_handbook", _stored("density")),
    "melting_point": ("crc_handbook", _stored("melting_point")),
    "molar_volume": ("pymatgen", _pymatgen("Molar volume")),
    "bulk_modulus": ("kittel2005", choices.BULK_MODULUS.get),
    "ionisation_energy": ("nist_asd", _stored("ionisation_energy")),
}


def _note(prop: str, symbol: str) -> str:
    if prop == "vec":
        return choices.VEC_NOTES.get(symbol, "")
    if prop in {"valence", "r_ionic"}:
        charge, spin, oxide = choices.VALENCE[symbol]
        words = {"HS": "high spin", "LS": "low spin", "": ""}[spin]
        state = f"{abs(charge)}{'+' if charge > 0 else '-'}"
        parts = (f"state {state}" if prop == "r_ionic" else "", words, oxide)
        return "; ".join(part for part in parts if part)
    if prop == "r_covalent" and symbol in choices.CORDERO:
        return choices.CORDERO[symbol][1]
    if prop == "bulk_modulus":
        return choices.BULK_MODULUS_NOTES.get(symbol, "")
    return choices.NOTES.get((prop, symbol), "")


def element_rows() -> list[Row]:
    """Return every value the libraries and the choices give, in a fixed order.

    Returns
    -------
    list of Row
        By property in the order of ``properties.csv``, then by atomic number. A
        value nobody has is a row that is not there.
    """
    held = [*choices.METALS, *choices.NONMETALS]
    symbols = sorted(held, key=ATOMIC_NUMBER.__getitem__)
    rows = []
    for prop in PROPERTIES:
        source, look_up = _LOOKUP[prop.name]
        for symbol in symbols:
            value = look_up(symbol)
            if value is None or (prop.name, symbol) in choices.LEFT_OUT:
                continue
            note = _note(prop.name, symbol)
            rows.append(Row(symbol, prop.name, number(value), source, note))
    return rows


def mixing_rows() -> list[tuple[str, str, str, str]]:
    """Return the mixing enthalpies of all pairs of metals in the element table.

    Returns
    -------
    list of tuple
        (first, second, kJ/mol, source key), each pair once, alphabetical.
    """
    known: dict[frozenset[str], float] = {}
    for first, second, value in miedema_pairs():
        if known.setdefault(frozenset((first, second)), value) != value:
            text = f"two mixing enthalpies for {first}-{second}"
            raise AssertionError(text)
    rows = []
    for first, second in combinations(sorted(choices.METALS), 2):
        pair = frozenset((first, second))
        if pair in known:
            rows.append((first, second, number(known[pair]), "takeuchi_inoue2005"))
    return rows
