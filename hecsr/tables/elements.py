"""Properties of the elements, each value with its source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import MissingDataError, TableError, suggestion
from hecsr.tables.catalogue import records
from hecsr.tables.periodic import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

#: Every symbol of the periodic table, whether or not properties are known of it.
KNOWN: Final = frozenset(SYMBOLS)


@dataclass(frozen=True)
class Fact:
    """A value, the key of its source, and what a reader should know of it."""

    value: float
    source: str
    note: str


@dataclass(frozen=True)
class PropertyInfo:
    """What a property is: its unit and the choice that makes it reproducible."""

    name: str
    label: str
    unit: str
    convention: str
    description: str


@cache
def properties() -> Mapping[str, PropertyInfo]:
    """Return all element properties by name.

    Examples
    --------
    >>> properties()["r_metallic"].unit
    'pm'
    """
    rows = records("properties")
    found = {
        row["property"]: PropertyInfo(
            name=row["property"],
            label=row["label"],
            unit=row["unit"],
            convention=row["convention"],
            description=row["description"],
        )
        for row in rows
    }
    return MappingProxyType(found)


@cache
def _table() -> Mapping[str, Mapping[str, Fact]]:
    table: dict[str, dict[str, Fact]] = {name: {} for name in properties()}
    for row in records("elements"):
        fact = Fact(float(row["value"]), row["source"], row["note"])
        table[row["property"]][row["symbol"]] = fact
    return {name: MappingProxyType(found) for name, found in table.items()}


def facts(prop: str) -> Mapping[str, Fact]:
    """Return value, source and note of a property for every element that has one.

    Parameters
    ----------
    prop : str
        One of :func:`properties`.

    Raises
    ------
    TableError
        If there is no such property.

    Examples
    --------
    >>> facts("bulk_modulus")["Zr"].source
    'kittel2005'
    """
    try:
        return _table()[prop]
    except KeyError:
        text = f"no element property '{prop}'; {suggestion(prop, properties())}"
        raise TableError(text) from None


def property_values(prop: str) -> Mapping[str, float]:
    """Return the values of a property by symbol, in the unit of the property.

    Parameters
    ----------
    prop : str
        One of :func:`properties`.

    Examples
    --------
    >>> property_values("vec")["Hf"]
    4.0
    """
    return {symbol: fact.value for symbol, fact in facts(prop).items()}


def values(prop: str, symbols: Sequence[str]) -> NDArray[np.float64]:
    """Return a property of some elements, in their order.

    Parameters
    ----------
    prop : str
        One of :func:`properties`.
    symbols : sequence of str
        Element symbols.

    Returns
    -------
    ndarray of shape (len(symbols),)
        Values in the unit of the property.

    Raises
    ------
    MissingDataError
        If an element has no value; all such elements are named.

    Examples
    --------
    >>> values("vec", ["Ti", "Nb", "W"]).tolist()
    [4.0, 5.0, 6.0]
    """
    known = facts(prop)
    missing = [symbol for symbol in symbols if symbol not in known]
    if missing:
        raise MissingDataError(
            "element(s)", missing, prop, "leave the property or the elements out"
        )
    return np.array([known[symbol].value for symbol in symbols], dtype=np.float64)
