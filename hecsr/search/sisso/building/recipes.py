"""Which features may be made: every lawful recipe of a rung, before its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.domain import apart_from_zero, image, lawful
from hecsr.search.sisso.building.features import Features, Recipes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.units import UnitTable
    from hecsr.search.sisso.space import SearchSpace


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
    found = []
    for part in parts:
        kept = part.take(_allowed(features, part, space, units))
        if len(kept) and int(kept.operator[0]) == op.DIVIDE:
            kept = kept.take(_no_chain(features, kept, space, rung))
        found.append(kept)
    return Recipes.join(found)


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
    features: Features,
    recipes: Recipes,
    rung: int,
    space: SearchSpace,
    units: UnitTable,
) -> Features:
    """Return what is known of recipes before their values.

    Where poles are allowed, the ranges are those of the values: until these are
    there, everything counts as lawful.
    """
    if space.poles:
        low, high = np.ones(len(recipes)), np.ones(len(recipes))
    else:
        low, high = _images(features, recipes)
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
        divisor=apart_from_zero((low, high)),
        bits=features.bits[recipes.left] | features.bits[recipes.right],
        costs=features.costs,
    )


def _images(features: Features, recipes: Recipes) -> tuple[Array, Array]:
    low, high = np.empty(len(recipes)), np.empty(len(recipes))
    for code in np.unique(recipes.operator):
        where = recipes.operator == code
        left, right = recipes.left[where], recipes.right[where]
        x = features.low[left], features.high[left]
        y = features.low[right], features.high[right]
        low[where], high[where] = image(int(code), x, y)
    return low, high


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
    """Say which recipes of one operator keep to the limits of the space."""
    allowed = features.nodes(recipes) <= space.max_complexity
    if not len(recipes):
        return allowed
    operator = op.BY_CODE[int(recipes.operator[0])]
    left, right = recipes.left, recipes.right
    if operator.rule == "same":
        allowed &= features.unit[left] == features.unit[right]
    elif operator.rule == "number":
        allowed &= features.unit[left] == units.number
    if operator.code in (op.DIVIDE, op.INVERSE):
        allowed &= features.divisor[right]
    if not operator.binary:
        x = features.low[left], features.high[left]
        allowed &= lawful(operator.sign, x, space)
        inner = [
            op.OPERATORS[b].code for a, b in space.rules.nested if a == operator.sign
        ]
        allowed &= ~np.isin(features.recipes.operator[left], inner)
    return np.asarray(allowed, dtype=np.bool_)


def _no_chain(
    features: Features, recipes: Recipes, space: SearchSpace, rung: int
) -> NDArray[np.bool_]:
    """Say which quotients are not those that products make as well."""
    signs = space.at(rung)
    if space.rules.quotient_chains or rung == space.rungs or "*" not in signs:
        return np.ones(len(recipes), np.bool_)
    made = features.recipes
    left, right = recipes.left, recipes.right
    chain = (made.operator[left] == op.DIVIDE) | (made.operator[right] == op.DIVIDE)
    # (a * b) / b is a, and b / (a * b) is 1 / a
    chain |= _is_factor(made, right, left)
    if "^-1" in signs:
        chain |= _is_factor(made, left, right)
    return np.asarray(~chain, dtype=np.bool_)


def _is_factor(
    made: Recipes, part: NDArray[np.int32], whole: NDArray[np.int32]
) -> NDArray[np.bool_]:
    found = (made.left[whole] == part) | (made.right[whole] == part)
    return np.asarray(found & (made.operator[whole] == op.MULTIPLY), dtype=np.bool_)
