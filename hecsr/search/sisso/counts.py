"""How many features a rung has, counted from what is known of those it is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.recipes import all_recipes
from hecsr.search.sisso.building.units import UnitTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.search.sisso.building.features import Features
    from hecsr.search.sisso.space import SearchSpace


@dataclass(frozen=True)
class Counts:
    """Features of a search space as SISSO counts them: lawful recipes.

    Attributes
    ----------
    stored
        Features of all rungs but the last.
    factors, divisors, summed
        Stored features that are multiplied, divide, and are added, sign twins aside.
    scanned
        Pairs of the last rung that matrix products score: a / b and b / a are two,
        a - b and b - a are one.
    differences
        Absolute differences, which are evaluated.
    single
        Functions and powers of one stored feature.
    exact
        Whether equal features were already dropped from the stored ones.
    """

    stored: int
    factors: int
    divisors: int
    summed: int
    scanned: int
    differences: int
    single: int
    exact: bool

    @property
    def last(self) -> int:
        """Features of the last rung."""
        return self.scanned + self.differences + self.single


def count_last(features: Features, space: SearchSpace, *, exact: bool) -> Counts:
    """Count the last rung over stored features."""
    signs = dict.fromkeys(space.at(space.rungs)) if space.rungs else {}
    core = ~features.argument & ~features.twin
    factors = int(core.sum()) if {"*", "/"} & set(signs) else 0
    divisors = int((core & features.divisor).sum()) if "/" in signs else 0
    summed = int(core.sum()) if {"+", "-"} & set(signs) else 0
    by_sign = {
        sign: count_pairs_of(sign, features, space, space.rungs) for sign in signs
    }
    differences = by_sign.pop("|-|", 0)
    return Counts(
        len(features),
        factors,
        divisors,
        summed,
        sum(by_sign.values()),
        differences,
        _count_single(features, space, space.rungs) if signs else 0,
        exact,
    )


def count_stored(features: Features, space: SearchSpace, rung: int) -> int:
    """Count the recipes of a stored rung, where a - b and b - a are two."""
    total = _count_single(features, space, rung)
    for sign in dict.fromkeys(space.at(rung)):
        pairs = count_pairs_of(sign, features, space, rung)
        total += 2 * pairs if sign == "-" else pairs
    return total


def count_pairs_of(sign: str, features: Features, space: SearchSpace, rung: int) -> int:
    """Count the pairs that an operator of two operands may take at a rung."""
    operator = op.OPERATORS[sign]
    most = space.max_complexity - space.nodes(sign)
    if not operator.binary or most < 0:
        return 0
    usable = ~features.argument
    divides = usable & features.divisor
    new = features.rung == rung - 1
    units = features.unit if operator.rule == "same" else np.zeros_like(features.unit)
    nodes = features.complexity
    every, old = (
        _table(units, nodes, where, most) for where in (usable, usable & ~new)
    )
    if operator.code == op.DIVIDE:
        below, old_below = (
            _table(units, nodes, where, most) for where in (divides, divides & ~new)
        )
        alone = (divides & new & (2 * nodes <= most)).sum()
        return int(_ordered(every, below) - _ordered(old, old_below) - alone)
    alone = (usable & new & (2 * nodes <= most)).sum()
    return int((_ordered(every, every) - _ordered(old, old) - alone) // 2)


def _table(
    units: NDArray[np.int32],
    nodes: NDArray[np.int32],
    where: NDArray[np.bool_],
    most: int,
) -> NDArray[np.int64]:
    """Count features by unit (rows) and complexity up to `most` (columns)."""
    where = where & (nodes <= most)
    width = most + 1
    rows = int(units.max(initial=0)) + 1
    index = units[where].astype(np.int64) * width + nodes[where]
    return np.bincount(index, minlength=rows * width).reshape(rows, width)


def _ordered(left: NDArray[np.int64], right: NDArray[np.int64]) -> int:
    """Count ordered pairs of one unit whose complexities do not exceed the limit."""
    return int((left * np.cumsum(right, axis=1)[:, ::-1]).sum())


def _count_single(features: Features, space: SearchSpace, rung: int) -> int:
    single = [s for s in dict.fromkeys(space.at(rung)) if not op.OPERATORS[s].binary]
    only = replace(space, operators=tuple(single), by_rung=None)
    # all that is asked of units here is which are pure numbers
    return len(all_recipes(features, only, rung, UnitTable()))
