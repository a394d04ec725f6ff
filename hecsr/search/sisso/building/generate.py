"""Build the stored rungs: every lawful recipe, then its values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecsr.errors import SearchError
from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.domain import (
    Interval,
    descriptor_ranges,
    divisors,
    row_ranges,
)
from hecsr.search.sisso.building.equality import equal_or_opposite, first_of_key
from hecsr.search.sisso.building.features import Features, Recipes
from hecsr.search.sisso.building.recipes import all_recipes, describe
from hecsr.search.sisso.building.scaling import shifts
from hecsr.search.sisso.building.values import root_mean_square, standard_rows
from hecsr.search.sisso.building.weighting import Weighting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.units import UnitTable
    from hecsr.search.sisso.space import SearchSpace

_CHUNK = 2048


def leaves(
    values: Array,
    descriptors: Sequence[Descriptor],
    ranges: Interval,
    space: SearchSpace,
    units: UnitTable,
) -> Features:
    """Return rung 0: the descriptors, and those that have a reference value over it.

    `values` has one column per descriptor.
    """
    used = space.used(descriptors)
    scaled = [
        j for j in used if descriptors[j].scale and _has_unit(descriptors[j], units)
    ]
    column = np.array([*used, *scaled], dtype=np.int32)
    argument = np.arange(len(column)) >= len(used)
    factor = np.ones(len(column))
    factor[argument] = [descriptors[j].scale or 1.0 for j in scaled]
    # a ratio of like quantities needs no scaling
    shift = np.where(argument, 0, shifts(values, descriptors, space)[column])
    ids = [units.of(descriptors[j].unit) for j in used] + [units.number] * len(scaled)
    rows = np.ascontiguousarray(
        np.ldexp((values[:, column] / factor).T, shift[:, None])
    )
    ends = np.stack([np.ldexp(r[column] / factor, shift) for r in ranges])
    low, high = np.sort(ends, axis=0)
    return Features(
        values=rows,
        recipes=Recipes(
            np.where(argument, op.SCALED, op.LEAF).astype(np.int8), column, column
        ),
        complexity=argument.astype(np.int32),
        rung=np.zeros(len(column), np.int8),
        unit=np.array(ids, dtype=np.int32),
        low=low,
        high=high,
        argument=argument,
        twin=np.zeros(len(column), np.bool_),
        divisor=divisors((low, high), rows, space),
        bits=space.bits(descriptors)[column],
        costs=space.costs,
    )


def stored_features(
    samples_values: Array,
    descriptors: Sequence[Descriptor],
    weighting: Weighting,
    space: SearchSpace,
    units: UnitTable,
) -> Features:
    """Return the features of all rungs but the last, with their values.

    There are none where no descriptor varies. Values are scaled by powers of two, as
    :func:`hecsr.search.sisso.building.scaling.shifts` says.

    Raises
    ------
    SearchError
        If the space names descriptors that are not there, or requires one that does
        not vary.
    """
    # what is constant within each task may still differ between them
    weighting = Weighting(weighting.share, weighting.centred)
    ranges = descriptor_ranges(samples_values, descriptors, space)
    features = leaves(samples_values, descriptors, ranges, space, units)
    rows = np.arange(len(features), dtype=np.intp)
    varies = _usable(features, Recipes.of(op.LEAF, rows, rows), weighting, space)
    # a constant descriptor still may stand in a product, but adds nothing there
    features = features.take(varies)
    _check_required(features, space)
    for rung in range(1, space.rungs if len(features) else 1):
        recipes = all_recipes(features, space, rung, units)
        made = describe(features, recipes, rung, space, units)
        good = _usable(features, recipes, weighting, space)
        good &= np.isfinite(made.low) & np.isfinite(made.high)
        features = _extended(features, made.take(good), weighting, space)
    if space.by_rung is not None:
        # what a twin makes may be of an operator that its older partner never met
        return replace(features, twin=np.zeros(len(features), np.bool_))
    return features


def _has_unit(descriptor: Descriptor, units: UnitTable) -> bool:
    return units.of(descriptor.unit) != units.number


def _check_required(features: Features, space: SearchSpace) -> None:
    there = int(np.bitwise_or.reduce(features.bits, initial=0))
    for k, name in enumerate(space.required):
        if not there >> k & 1:
            msg = (
                f"'{name}' is required, but is constant or out of bounds in these "
                f"{features.values.shape[1]} samples"
            )
            raise SearchError(msg)


def _usable(
    features: Features, recipes: Recipes, weighting: Weighting, space: SearchSpace
) -> NDArray[np.bool_]:
    """Say which recipes have values that may be stored, a few at a time."""
    rule = space.value_rule(stored=True)
    reference = root_mean_square(features.values, weighting.share)
    good = np.empty(len(recipes), np.bool_)
    room = np.empty((min(_CHUNK, len(recipes)), features.values.shape[1]))
    for start in range(0, len(recipes), _CHUNK):
        part = recipes.take(slice(start, start + _CHUNK))
        good[start : start + _CHUNK] = standard_rows(
            features.values, reference, part, weighting, rule, room[: len(part)]
        )
    return good


def _extended(
    features: Features, made: Features, weighting: Weighting, space: SearchSpace
) -> Features:
    """Append new features, less those already there, and evaluate them."""
    from hecsr.search.sisso.building.kernels import evaluate_rows

    old, n = len(features), features.values.shape[1]
    if space.rules.same_key is not None:
        made = made.take(first_of_key(features.values, made, weighting, space))
    rows = np.arange(old, dtype=np.intp)
    stored = replace(features, recipes=Recipes.of(op.LEAF, rows, rows))
    every = stored.join(made, features.values)
    keep, twin = equal_or_opposite(features.values, every, old, space)
    made = made.take(keep[old:])
    values = np.empty((old + len(made), n))
    values[:old] = features.values
    new = made.recipes
    evaluate_rows(features.values, new.operator, new.left, new.right, values[old:])
    if space.poles:
        low, high = row_ranges(values[old:])
        divisor = divisors((low, high), values[old:], space)
        made = replace(made, low=low, high=high, divisor=divisor)
    return replace(features.join(made, values), twin=twin[keep])
