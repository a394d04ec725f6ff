"""How large a search is, counted before it starts, and how to make it fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecsr.errors import SearchError
from hecsr.search.sisso.building.domain import descriptor_ranges
from hecsr.search.sisso.building.generate import leaves, stored_features
from hecsr.search.sisso.building.recipes import all_recipes, describe
from hecsr.search.sisso.building.units import UnitTable
from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.cost import Method, Plan, SpaceSize
from hecsr.search.sisso.counts import Counts, count_last, count_stored
from hecsr.search.sisso.space import Budget, SearchSpace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.features import Features

__all__ = [
    "Method",
    "SpaceSize",
    "check_budget",
    "describe_size",
    "fit_to_budget",
    "space_size",
]

_ADVICE = (
    "lower max_complexity, rungs, sis or max_terms, take fewer operators or "
    "descriptors, or raise the budget"
)


def space_size(
    space: SearchSpace,
    descriptors: Sequence[Descriptor],
    n_samples: int,
    *,
    budget: Budget | None = None,
    max_terms: int = 3,
    n_residuals: int = 1,
    method: Method = "exhaustive",
    values: Array | None = None,
    features: Features | None = None,
) -> SpaceSize:
    """Count a search without screening it.

    Parameters
    ----------
    n_residuals
        Models of each dimension whose residuals the next screening looks at.
    method
        'exhaustive' if every tuple is fitted, 'stepwise' if terms are added one at a
        time.
    values
        Rows of descriptor values, which say where denominators may vanish; without
        them every descriptor is taken as positive, and the counts are larger.
    features
        The stored features, if they are there: the count is then exact, else it is
        an upper bound, as equal features are only known by their values.

    Raises
    ------
    SearchError
        If a rung that would be stored is itself above the budget.
    """
    budget = budget or Budget()
    plan = Plan(n_samples, max_terms, n_residuals, method)
    if features is not None:
        counts = count_last(features, space, exact=True)
    else:
        counts = _bound(space, descriptors, n_samples, budget, values)
    return plan.size(counts, budget)


def check_budget(size: SpaceSize, budget: Budget) -> None:
    """Refuse a search that is larger than its budget.

    Raises
    ------
    SearchError
        With the counts and what to change.
    """
    over = [
        f"{name} {have:,.0f} (at most {most:,.0f})"
        if name != "seconds"
        else f"{name} {have:.2g} (at most {most:.2g})"
        for name, have, most in _limits(size, budget)
        if have > most
    ]
    if over:
        msg = f"the search is above its budget: {'; '.join(over)}; {_ADVICE}"
        raise SearchError(msg)


def fit_to_budget(
    space: SearchSpace,
    descriptors: Sequence[Descriptor],
    values: Array,
    budget: Budget,
    *,
    max_terms: int = 3,
    n_residuals: int = 1,
    method: Method = "exhaustive",
    weighting: Weighting | None = None,
) -> tuple[SearchSpace, Budget, SpaceSize, str]:
    """Check a search against its budget, or cut it until it fits.

    If the budget says so, a space that is too large loses its most complex features,
    one operator at a time (and with them its last rung, when none are left of it);
    then, if there are too many models, fewer features are kept per screening. Where
    the upper bound of the counts does not fit, the stored features are made to count
    them exactly.

    Returns
    -------
    tuple
        The space and the budget to search with, the counts, and a sentence that says
        what was cut; it is empty if nothing was.

    Raises
    ------
    SearchError
        If the search is above its budget and must not or cannot be cut.
    """
    n = len(values)
    plan = Plan(n, max_terms, n_residuals, method)
    weighting = weighting or Weighting(np.full(n, 1 / n))
    least = replace(budget, sis=1)
    for smaller in _ever_smaller(space) if budget.cut else (space,):
        try:
            counts = _bound(smaller, descriptors, n, budget, values)
        except SearchError:
            if not budget.cut or not smaller.rungs:
                raise
            continue
        size = plan.size(counts, budget)
        if not _fits(size, budget):
            units = UnitTable()
            stored = stored_features(values, descriptors, weighting, smaller, units)
            counts = count_last(stored, smaller, exact=True)
            size = plan.size(counts, budget)
        if _fits(size, budget):
            return smaller, budget, size, _said(space, smaller, budget, budget)
        if budget.cut and _fits(plan.size(counts, least), least):
            fewer = _fewer_listed(plan, counts, budget)
            size = plan.size(counts, fewer)
            return smaller, fewer, size, _said(space, smaller, budget, fewer)
    check_budget(size, budget)
    raise AssertionError  # what does not fit is refused


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


def _limits(size: SpaceSize, budget: Budget) -> list[tuple[str, float, float]]:
    most_seconds = np.inf if budget.max_seconds is None else budget.max_seconds
    return [
        ("candidates", size.candidates, budget.max_candidates),
        ("models", size.models, budget.max_models),
        ("bytes", size.n_bytes, budget.max_bytes),
        ("seconds", size.seconds, most_seconds),
    ]


def _fits(size: SpaceSize, budget: Budget) -> bool:
    return all(have <= most for _, have, most in _limits(size, budget))


def _bound(
    space: SearchSpace,
    descriptors: Sequence[Descriptor],
    n_samples: int,
    budget: Budget,
    values: Array | None,
) -> Counts:
    """Count recipes without their values: equal ones each count."""
    space.used(descriptors)
    if values is None:
        values = np.repeat([[1.0], [1.2]], len(descriptors), axis=1)
        space = replace(space, ranges=())
    units = UnitTable()
    ranges = descriptor_ranges(values, descriptors, space)
    features = leaves(values, descriptors, ranges, space, units)
    for rung in range(1, space.rungs):
        expected = count_stored(features, space, rung)
        if expected * n_samples * 8 > budget.max_bytes:
            msg = (
                f"rung {rung} alone has {expected:,} features to store, "
                f"{expected * n_samples * 8 / 1e9:.1f} GB; {_ADVICE}"
            )
            raise SearchError(msg)
        recipes = all_recipes(features, space, rung, units)
        made = describe(features, recipes, rung, space, units)
        features = features.join(made, made.values[:0])
    return count_last(features, space, exact=False)


def _ever_smaller(space: SearchSpace) -> Iterator[SearchSpace]:
    """Yield a space and smaller ones, without its most complex features."""
    yield space
    largest = 0
    for rung in range(1, space.rungs + 1):
        largest = 2 * largest + max(map(space.nodes, space.at(rung)), default=0)
    for nodes in range(min(space.max_complexity, largest) - 1, -1, -1):
        rungs = min(space.rungs, nodes)
        by_rung = None if space.by_rung is None else space.by_rung[:rungs]
        yield replace(space, max_complexity=nodes, rungs=rungs, by_rung=by_rung)


def _fewer_listed(plan: Plan, counts: Counts, budget: Budget) -> Budget:
    """Return the budget with the longest list that fits."""
    fits, over = 1, budget.sis
    while over - fits > 1:
        middle = (fits + over) // 2
        tried = replace(budget, sis=middle)
        if _fits(plan.size(counts, tried), tried):
            fits = middle
        else:
            over = middle
    return replace(budget, sis=fits)


def _said(
    space: SearchSpace, smaller: SearchSpace, budget: Budget, fewer: Budget
) -> str:
    cuts = []
    if smaller.max_complexity != space.max_complexity:
        cuts.append(
            f"features of at most {smaller.max_complexity} operators instead of "
            f"{space.max_complexity}"
        )
    if smaller.rungs != space.rungs:
        cuts.append(f"{smaller.rungs} rungs instead of {space.rungs}")
    if fewer.sis != budget.sis:
        cuts.append(f"{fewer.sis} features kept per screening instead of {budget.sis}")
    return f"cut to the budget: {', '.join(cuts)}" if cuts else ""
