"""Which features may be made: every lawful recipe of a rung, before its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso import operators as op
from hecsr.search.sisso.domain import image, lawful
from hecsr.search.sisso.features import Features, Recipes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.search.sisso.space import SearchSpace
    from hecsr.search.sisso.units import UnitTable


def all_recipes(
    features: Features, space: SearchSpace, rung: int, units: UnitTable
) -> Recipes:
    """Return the lawful recipes of a rung, in a fixed order."""
    newest = features.rung == rung - 1
    parts = []
    made = [op.OPERATORS[sign] for sign in dict.fromkeys(space.at(rung))]
    if any(operator.binary for operator in made):
        i, j = _pairs(features, newest)
    for operator in made:
        code = operator.code
        if operator.binary:
            parts.append(Recipes.of(code, i, j))
            if code in (op.SUBTRACT, op.DIVIDE):
                parts.append(Recipes.of(code, j, i))
        else:
            functions = operator.rule == "number"
            rows = np.flatnonzero(newest & (functions | ~features.argument))
            parts.append(Recipes.of(code, rows, rows))
    return Recipes.join([p.take(_allowed(features, p, space, units)) for p in parts])


def recipe_units(
    features: Features, recipes: Recipes, units: UnitTable
) -> NDArray[np.int32]:
    """Return the unit ids of lawful recipes."""
    result = features.unit[recipes.left].copy()
    for code in np.unique(recipes.operator):
        operator = op.BY_CODE[int(code)]
        where = recipes.operator == code
        left = features.unit[recipes.left[where]]
        if operator.rule == "product":
            right = features.unit[recipes.right[where]]
            result[where] = units.times(left, right, operator.exponent)
        elif operator.rule == "power":
            result[where] = units.power(left, operator.exponent)
        elif operator.rule == "number":
            result[where] = units.number
    return result


def describe(
    features: Features, recipes: Recipes, rung: int, units: UnitTable
) -> Features:
    """Return what is known of recipes before their values."""
    low, high = np.empty(len(recipes)), np.empty(len(recipes))
    for code in np.unique(recipes.operator):
        where = recipes.operator == code
        left, right = recipes.left[where], recipes.right[where]
        x = features.low[left], features.high[left]
        y = features.low[right], features.high[right]
        low[where], high[where] = image(int(code), x, y)
    return Features(
        values=np.empty((len(recipes), 0)),
        recipes=recipes,
        complexity=features.nodes(recipes),
        rung=np.full(len(recipes), rung, np.int8),
        unit=recipe_units(features, recipes, units),
        low=low,
        high=high,
        argument=np.zeros(len(recipes), np.bool_),
        twin=np.zeros(len(recipes), np.bool_),
    )


def _pairs(
    features: Features, newest: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows = np.flatnonzero(~features.argument)
    i, j = np.triu_indices(len(rows), k=1)
    i, j = rows[i], rows[j]
    new = newest[i] | newest[j]
    return i[new], j[new]


def _allowed(
    features: Features, recipes: Recipes, space: SearchSpace, units: UnitTable
) -> NDArray[np.bool_]:
    """Say which recipes keep to the complexity limit, the units and the domain."""
    allowed = features.nodes(recipes) <= space.max_complexity
    if not len(recipes):
        return allowed
    code = int(recipes.operator[0])
    rule = op.BY_CODE[code].rule
    left, right = recipes.left, recipes.right
    if rule == "same":
        allowed &= features.unit[left] == features.unit[right]
    elif rule == "number":
        allowed &= features.unit[left] == units.number
    x = features.low[left], features.high[left]
    y = features.low[right], features.high[right]
    return np.asarray(allowed & lawful(code, x, y), dtype=np.bool_)
