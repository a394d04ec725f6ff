"""Build the stored rungs: every lawful recipe, then its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso import operators as op
from hecsr.search.sisso.domain import Interval, descriptor_ranges
from hecsr.search.sisso.features import Features, Recipes
from hecsr.search.sisso.recipes import all_recipes, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.space import SearchSpace
    from hecsr.search.sisso.units import UnitTable

_EQUAL = 1e-12
"""Stored features that differ by less, relative to their largest value, are one."""


def leaves(
    values: Array,
    descriptors: Sequence[Descriptor],
    ranges: Interval,
    units: UnitTable,
) -> Features:
    """Return rung 0: the descriptors, and those that have a reference value over it.

    `values` has one column per descriptor.
    """
    n = len(descriptors)
    scaled = [j for j, d in enumerate(descriptors) if d.scale and units.of(d.unit) != 0]
    column = np.array([*range(n), *scaled], dtype=np.int32)
    factor = np.ones(n + len(scaled))
    factor[n:] = [descriptors[j].scale or 1.0 for j in scaled]
    argument = np.arange(len(column)) >= n
    ids = [units.of(d.unit) for d in descriptors] + [units.number] * len(scaled)
    ends = np.sort(np.stack([r[column] / factor for r in ranges]), axis=0)
    return Features(
        values=np.ascontiguousarray((values[:, column] / factor).T),
        recipes=Recipes(
            np.where(argument, op.SCALED, op.LEAF).astype(np.int8), column, column
        ),
        complexity=argument.astype(np.int32),
        rung=np.zeros(len(column), np.int8),
        unit=np.array(ids, dtype=np.int32),
        low=ends[0],
        high=ends[1],
        argument=argument,
        twin=np.zeros(len(column), np.bool_),
    )


def stored_features(
    samples_values: Array,
    descriptors: Sequence[Descriptor],
    share: Array,
    space: SearchSpace,
    units: UnitTable,
) -> Features:
    """Return the features of all rungs but the last, with their values.

    There are none where no descriptor varies.
    """
    ranges = descriptor_ranges(samples_values, descriptors, space)
    features = leaves(samples_values, descriptors, ranges, units)
    varies = usable(features, share, space)
    # a constant descriptor still may stand in a product, but adds nothing there
    features = features.take(varies)
    for rung in range(1, space.rungs if len(features) else 1):
        recipes = all_recipes(features, space, rung, units)
        made = describe(features, recipes, rung, units)
        features = _extended(features, made, share, space)
    return features


def usable(features: Features, share: Array, space: SearchSpace) -> NDArray[np.bool_]:
    """Say which stored features vary by more than rounding and are finite."""
    from hecsr.search.sisso.kernels import standard_rows

    rows = np.arange(len(features), dtype=np.int32)
    return np.asarray(
        standard_rows(
            features.values,
            np.zeros(len(features)),
            np.zeros(len(features), np.int8),
            rows,
            rows,
            share,
            np.sqrt(share),
            space.constant_below,
            np.empty_like(features.values),
        )
    )


def root_mean_square(values: Array, share: Array) -> Array:
    """Return the weighted root mean square of each row, free of overflow."""
    top = np.abs(values).max(axis=1)
    top[top == 0] = 1.0
    return np.asarray(top * np.sqrt((values / top[:, None]) ** 2 @ share))


def _extended(
    features: Features, made: Features, share: Array, space: SearchSpace
) -> Features:
    """Append a rung's features, less those refused and those already there."""
    from hecsr.search.sisso.kernels import standard_rows

    n = features.values.shape[1]
    recipes = made.recipes
    args = (recipes.operator, recipes.left, recipes.right)
    good = standard_rows(
        features.values,
        root_mean_square(features.values, share),
        *args,
        share,
        np.sqrt(share),
        space.constant_below,
        np.empty((len(made), n)),
    )
    good &= np.isfinite(made.low) & np.isfinite(made.high)
    made = made.take(good)
    both = features.join(_evaluated(features, made))
    return both.take(_kept(both, len(features)))


def _evaluated(features: Features, made: Features) -> Features:
    from dataclasses import replace

    from hecsr.search.sisso.kernels import evaluate_rows

    values = np.empty((len(made), features.values.shape[1]))
    r = made.recipes
    evaluate_rows(features.values, r.operator, r.left, r.right, values)
    return replace(made, values=values)


def _kept(features: Features, old: int) -> NDArray[np.bool_]:
    """Say which features are new, and mark those that are minus another.

    Of equal features the simplest stays, unless another may go where it may not:
    then both stay. Rows before `old` always stay: recipes point at them.
    """
    from hecsr.search.sisso.kernels import equal_pairs

    values = features.values
    weights = np.random.default_rng(0).normal(size=values.shape[1])
    top = np.abs(values).max(axis=1)
    key = np.abs((values / top[:, None]) @ weights)
    order = np.argsort(key, kind="stable")
    pairs = equal_pairs(values, order, key[order], 1e-9, _EQUAL)
    simple = np.lexsort((np.arange(len(features)), features.complexity))
    place = np.empty(len(features), np.intp)
    place[simple] = np.arange(len(features))
    keep = np.ones(len(features), np.bool_)
    ordered = (
        (min(a, b, key=place.__getitem__), max(a, b, key=place.__getitem__), sign)
        for a, b, sign in pairs
    )
    for first, other, sign in sorted(ordered, key=lambda p: (place[p[0]], place[p[1]])):
        if not (keep[first] and keep[other]) or not _covers(
            features, first, other, sign
        ):
            continue
        if sign < 0:
            if not features.twin[first]:
                features.twin[other] = True
        elif other >= old:
            keep[other] = False
    return keep


def _covers(features: Features, first: int, other: int, sign: int) -> bool:
    """Whether whatever is lawful with `other` is lawful with ± `first`."""
    if features.unit[first] != features.unit[other]:
        return False
    low, high = features.low[first], features.high[first]
    if sign < 0:
        low, high = -high, -low
    slack = 1e-9 * max(abs(low), abs(high))
    return bool(
        low >= features.low[other] - slack and high <= features.high[other] + slack
    )
