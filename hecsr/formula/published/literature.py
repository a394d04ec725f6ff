"""The formulas of the literature that ship with the package."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from hecsr.errors import FormulaError, suggestion
from hecsr.formula.expression import constants
from hecsr.formula.grammar import parse
from hecsr.formula.published.published import Published, Quantity, Source
from hecsr.units import parse_unit

VERSION: Final = 1


@cache
def literature() -> Mapping[str, Published]:
    """Return the shipped formulas by name, in the order of the file.

    Raises
    ------
    FormulaError
        If the file is of another version than this program reads.

    Examples
    --------
    >>> literature()["tian"].text
    '0.92 * (G / B)^1.137 * G^0.708'
    """
    text = (files(__package__) / "literature.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    version = content.pop("version", None)
    if version != VERSION:
        msg = f"the literature file is of version {version}; {VERSION} is read"
        raise FormulaError(msg)
    return MappingProxyType({name: _formula(name, e) for name, e in content.items()})


def published(name: str) -> Published:
    """Return one formula of the literature.

    Raises
    ------
    FormulaError
        If there is none of that name.
    """
    if name not in literature():
        hint = suggestion(name, literature())
        raise FormulaError(f"no formula '{name}' in the literature file; {hint}")
    return literature()[name]


def _formula(name: str, entry: Mapping[str, Any]) -> Published:
    numbered = [f"c{i}" for i in range(10)]
    unit = entry.get("unit")
    return Published(
        name=name,
        label=entry["label"],
        text=entry["text"],
        task=entry["task"],
        constants=constants(parse(entry["text"], numbered)),
        stated=entry["stated"],
        quantity=entry["quantity"],
        unit=None if unit is None else parse_unit(unit),
        stated_for=entry["stated_for"],
        note=entry["note"],
        quantities=tuple(_quantity(n, q) for n, q in entry["variables"].items()),
        sources=tuple(Source(**source) for source in entry["sources"]),
    )


def _quantity(name: str, entry: Mapping[str, Any]) -> Quantity:
    return Quantity(
        name=name,
        label=entry["label"],
        unit=parse_unit(entry["unit"]),
        instead=tuple(parse(text) for text in entry.get("instead", ())),
    )
