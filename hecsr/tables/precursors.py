"""Binary compounds of one metal, from which a high-entropy ceramic is mixed.

Two sets are kept apart. The *structural* set has the structure of the ceramic (rock
salt, AlB2, C40), even where the compound exists only at high temperature or in
calculations; the *stable* set is what stands in a bottle at room temperature.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from hecsr.errors import MissingDataError, TableError, suggestion
from hecsr.tables.catalogue import records
from hecsr.tables.elements import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

Which = Literal["structural", "stable"]

#: Properties given per formula unit, divided by its number of metal atoms.
PER_FORMULA: Final = frozenset({"volume", "formation_enthalpy"})


@dataclass(frozen=True)
class Compound:
    """A precursor compound.

    Parameters
    ----------
    key : str
        Key in the tables; the formula WC occurs twice.
    formula, metal, anion, family, structure : str
        What it is.
    metals_per_formula : int
        Metal atoms in a formula unit.
    """

    key: str
    formula: str
    metal: str
    anion: str
    family: str
    structure: str
    metals_per_formula: int


@cache
def _sets() -> Mapping[tuple[str, str], Mapping[str, Compound]]:
    found: dict[tuple[str, str], dict[str, Compound]] = {}
    for row in records("precursor_compounds"):
        compound = Compound(
            key=row["compound"],
            formula=row["formula"],
            metal=row["metal"],
            anion=row["anion"],
            family=row["family"],
            structure=row["structure"],
            metals_per_formula=int(row["metals_per_formula"]),
        )
        for which in ("structural", "stable"):
            members = found.setdefault((compound.family, which), {})
            if row[f"{which}_set"] == "true":
                members[compound.metal] = compound
    return {key: MappingProxyType(members) for key, members in found.items()}


@cache
def _facts() -> Mapping[tuple[str, str], Fact]:
    return {
        (row["compound"], row["property"]): Fact(
            float(row["value"]), row["source"], row["note"]
        )
        for row in records("precursor_properties")
    }


def families() -> tuple[str, ...]:
    """Return the families the table holds.

    Examples
    --------
    >>> families()
    ('carbide', 'diboride', 'nitride', 'disilicide')
    """
    return tuple(dict.fromkeys(family for family, _ in _sets()))


def properties() -> Mapping[str, str]:
    """Return the precursor properties with their units.

    Examples
    --------
    >>> properties()["volume"]
    'angstrom3'
    """
    rows = records("precursor_properties")
    return {row["property"]: row["unit"] for row in rows}


def compounds(family: str, which: Which) -> Mapping[str, Compound]:
    """Return the compounds of a family in one of the two sets, by metal.

    Parameters
    ----------
    family : str
        One of :func:`families`.
    which : {"structural", "stable"}
        The set with the ceramic's own structure, or the one stable at room
        temperature.

    Raises
    ------
    TableError
        If the family or the set is unknown.

    Examples
    --------
    >>> compounds("carbide", "stable")["Cr"].formula
    'Cr3C2'
    """
    if family not in families():
        text = f"no precursors for family '{family}'; {suggestion(family, families())}"
        raise TableError(text)
    try:
        return _sets()[(family, which)]
    except KeyError:
        text = f"no set '{which}'; allowed: structural, stable"
        raise TableError(text) from None


def metals(family: str, which: Which) -> tuple[str, ...]:
    """Return the metals that have a compound in a set, in alphabetical order.

    Examples
    --------
    >>> metals("nitride", "stable")
    ('Cr', 'Hf', 'Nb', 'Ta', 'Ti', 'V', 'Zr')
    """
    return tuple(sorted(compounds(family, which)))


def facts(family: str, prop: str, which: Which) -> Mapping[str, Fact]:
    """Return value, source and note of a property by metal, as the source gives it.

    Volume and formation enthalpy are per formula unit here.

    Raises
    ------
    TableError
        If the family, the set or the property is unknown.
    """
    if prop not in properties():
        text = f"no precursor property '{prop}'; {suggestion(prop, properties())}"
        raise TableError(text)
    return {
        metal: _facts()[(compound.key, prop)]
        for metal, compound in compounds(family, which).items()
        if (compound.key, prop) in _facts()
    }


def values(
    family: str,
    prop: str,
    which: Which,
    metals: Sequence[str],
    *,
    per_metal: bool = True,
) -> NDArray[np.float64]:
    """Return a property of the precursors of some metals, in their order.

    Parameters
    ----------
    family : str
        One of :func:`families`.
    prop : str
        One of :func:`properties`.
    which : {"structural", "stable"}
        Which of the two sets.
    metals : sequence of str
        Element symbols.
    per_metal : bool
        Divide volume and formation enthalpy by the metal atoms in the formula;
        other properties are the same either way.

    Returns
    -------
    ndarray of shape (len(metals),)
        Values in the unit of :func:`properties`, per mole (or atom) of metal.

    Raises
    ------
    MissingDataError
        If metals have no value; all of them are named with family, set and
        property.

    Examples
    --------
    >>> values("carbide", "formation_enthalpy", "stable", ["Cr"]).round(2).tolist()
    [-28.45]
    """
    known = facts(family, prop, which)
    members = compounds(family, which)
    missing = [metal for metal in metals if metal not in known]
    if missing:
        what = f"the {which} {family}(s) of"
        advice = f"there are values for: {', '.join(sorted(known)) or 'no metal'}"
        raise MissingDataError(what, missing, prop, advice)
    scale = per_metal and prop in PER_FORMULA
    return np.array(
        [
            known[metal].value / (members[metal].metals_per_formula if scale else 1)
            for metal in metals
        ],
        dtype=np.float64,
    )
