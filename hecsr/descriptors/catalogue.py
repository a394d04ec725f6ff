"""Every descriptor that a composition determines, by name and by family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from hecsr.descriptors import alloy, elements, fractions, precursors
from hecsr.descriptors.computed import Computed
from hecsr.errors import TableError, suggestion

GROUPS: Final = ("fractions", "elements", "alloy", "precursors")
STATISTICS: Final = {
    "means": "mean",
    "deviations": "dev",
    "minima": "min",
    "maxima": "max",
    "ranges": "range",
    "pair mismatches": "mismatch",
}
"""Groups that take one way of averaging of every element property."""
_MODULES: Final = (fractions, elements, alloy, precursors)


@cache
def catalogue() -> Mapping[str, Computed]:
    """Return all computed descriptors by name."""
    found = (c for module in _MODULES for c in module.catalogue())
    return MappingProxyType({c.name: c for c in found})


@cache
def group(name: str) -> tuple[str, ...]:
    """Return the names of the descriptors of a group of :data:`GROUPS`."""
    return tuple(c.name for c in _MODULES[GROUPS.index(name)].catalogue())


def resolve(names: Iterable[str]) -> tuple[str, ...]:
    """Expand groups and families of descriptors to names, each once, in order.

    Raises
    ------
    TableError
        If a word is neither a descriptor, a family nor a group.
    """
    known = catalogue()
    families: dict[str, list[str]] = {}
    for computed in known.values():
        families.setdefault(computed.descriptor.family, []).append(computed.name)
    found: list[str] = []
    for name in names:
        if name in known:
            found.append(name)
        elif name in GROUPS:
            found += group(name)
        elif name in families:
            found += families[name]
        elif name in STATISTICS:
            ending = f"_{STATISTICS[name]}"
            found += [n for n in group("elements") if n.endswith(ending)]
        else:
            words = [*known, *GROUPS, *STATISTICS, *families]
            msg = f"no descriptor, family or group '{name}'; {suggestion(name, words)}"
            raise TableError(msg)
    return tuple(dict.fromkeys(found))
