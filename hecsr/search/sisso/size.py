"""How large a search is, counted before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from hecsr.errors import SearchError
from hecsr.search.sisso import operators as op
from hecsr.search.sisso.domain import apart_from_zero, descriptor_ranges
from hecsr.search.sisso.generate import leaves
from hecsr.search.sisso.layout import count_pairs, ordered
from hecsr.search.sisso.recipes import all_recipes, describe
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.search.sisso.units import UnitTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.features import Features

# Rates of one core, for the estimate only.
_FLOPS = 3e10
_PAIR_BYTES = 4
_ABSOLUTE_RATE = 4e9
_MODELS_PER_SECOND = 1.5e9


@dataclass(frozen=True)
class SpaceSize:
    """Counts of one search; upper bounds, as equal features are still counted twice.

    Attributes
    ----------
    stored
        Features kept in memory: all rungs but the last.
    candidates
        Features of the whole space, each scored once per dimension.
    models
        Tuples fitted, over all dimensions.
    n_bytes
        Memory for the stored features and the work space.
    seconds
        Expected on one core.
    """

    stored: int
    candidates: int
    models: int
    n_bytes: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.candidates:,} candidate features ({self.stored:,} stored), "
            f"{self.models:,} models, {self.n_bytes / 1e6:,.0f} MB, "
            f"about {self.seconds:.2g} s on one core"
        )


def space_size(
    space: SearchSpace,
    descriptors: Sequence[Descriptor],
    n_samples: int,
    *,
    budget: Budget | None = None,
    max_terms: int = 3,
    values: Array | None = None,
) -> SpaceSize:
    """Count a search without building it.

    Parameters
    ----------
    values
        Rows of descriptor values, which say where denominators may vanish; without
        them every descriptor is taken as positive, and the counts are larger.

    Raises
    ------
    SearchError
        If a rung that would be stored is itself above the budget.
    """
    budget = budget or Budget()
    if values is None:
        values = np.repeat([[1.0], [1.2]], len(descriptors), axis=1)
    units = UnitTable()
    ranges = descriptor_ranges(values, descriptors, space)
    features = leaves(np.empty((0, len(descriptors))), descriptors, ranges, units)
    for rung in range(1, space.rungs):
        expected = _last_rung(features, space, rung, units)[0]
        if expected * n_samples * 8 > budget.max_bytes:
            msg = (
                f"rung {rung} alone has {expected:,} features to store, "
                f"{expected * n_samples * 8 / 1e9:.1f} GB; {_ADVICE}"
            )
            raise SearchError(msg)
        recipes = all_recipes(features, space, rung, units)
        features = features.join(describe(features, recipes, rung, units))
    last, flops = _last_rung(features, space, space.rungs, units)
    stored = len(features)
    kept = [min(budget.sis * d, stored + last) for d in range(1, max_terms + 1)]
    models = sum(comb(p, d) for d, p in enumerate(kept, start=1))
    work = stored * n_samples * 8 * 6 + last * _PAIR_BYTES
    seconds = 0.02 + models / _MODELS_PER_SECOND
    seconds += flops * n_samples * (1 + (max_terms - 1) / 2)
    return SpaceSize(stored, stored + last, models, work + 16_000_000, seconds)


def check_budget(size: SpaceSize, budget: Budget) -> None:
    """Refuse a search that is larger than its budget.

    Raises
    ------
    SearchError
        With the counts and what to change.
    """
    over = [
        f"{name} {have:,.0f} (at most {most:,.0f})"
        for name, have, most in (
            ("candidates", size.candidates, budget.max_candidates),
            ("models", size.models, budget.max_models),
            ("bytes", size.n_bytes, budget.max_bytes),
            ("seconds", size.seconds, budget.max_seconds),
        )
        if most is not None and have > most
    ]
    if over:
        msg = f"the search is above its budget: {'; '.join(over)}; {_ADVICE}"
        raise SearchError(msg)


def describe_size(
    space: SearchSpace,
    descriptors: Sequence[Descriptor],
    n_samples: int,
    *,
    budget: Budget | None = None,
    max_terms: int = 3,
) -> str:
    """Say in a sentence what a search of this size costs."""
    size = space_size(space, descriptors, n_samples, budget=budget, max_terms=max_terms)
    return str(size)


_ADVICE = (
    "lower max_complexity, rungs, sis or max_terms, take fewer operators or "
    "descriptors, or raise the budget"
)


def _last_rung(
    features: Features, space: SearchSpace, rung: int, units: UnitTable
) -> tuple[int, float]:
    """Count the recipes of a rung and estimate the seconds per sample to score."""
    if rung < 1:
        return 0, 0.0
    newest = rung - 1
    rows = np.flatnonzero(~features.argument)
    every = ordered(features, rows, newest)
    divides = apart_from_zero((features.low, features.high))
    divisors = ordered(features, np.flatnonzero(~features.argument & divides), newest)
    by_unit = [
        ordered(features, rows[features.unit[rows] == unit], newest)
        for unit in np.unique(features.unit[rows])
    ]
    total, seconds = 0, 0.0
    singles: list[str] = []
    for sign in dict.fromkeys(space.at(rung)):
        operator = op.OPERATORS[sign]
        most = space.max_complexity - operator.nodes
        if not operator.binary:
            singles.append(sign)
        elif sign == "*":
            count = count_pairs(every.levels, every.levels, most, unordered=True)
            seconds += count * 6 / _FLOPS
            total += count
        elif sign == "/":
            count = count_pairs(every.levels, divisors.levels, most, unordered=False)
            seconds += count * 4 / _FLOPS
            total += count
        else:
            count = sum(
                count_pairs(o.levels, o.levels, most, unordered=True) for o in by_unit
            )
            rate = _ABSOLUTE_RATE if sign == "|-|" else _FLOPS / 2
            seconds += count / rate
            # a stored rung holds both a - b and b - a
            twice = sign == "-" and rung < space.rungs
            total += count * (2 if twice else 1)
    single = SearchSpace(
        operators=tuple(singles),
        rungs=space.rungs,
        max_complexity=space.max_complexity,
    )
    total += len(all_recipes(features, single, rung, units))
    return total, seconds
