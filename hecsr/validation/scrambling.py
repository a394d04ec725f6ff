"""Targets that are no longer tied to their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.validation.problem import Problem

    Rows = NDArray[np.intp]

# Sets these draws apart from all others of the same seed.
_STREAM: Final = 0x5C7A
# Fewest groups that exchange their values.
_PARTNERS: Final = 3


def scrambled_target(
    problem: Problem, seed: int, scramble: int, within: Sequence[Rows] | None = None
) -> NDArray[np.float64]:
    """Permute the target, groups as wholes; each scramble has a stream of its own.

    Rows of one group (one composition, say) have related values. If single rows were
    permuted, that would be lost: the scrambled target would have more independent
    values than the true one, its errors would vary too little, and p would come out
    too small. So the groups are put in random order, and their values, in random
    order inside each, are dealt out to the rows of the groups in another random
    order. Groups of one size change places as wholes with their rows permuted inside
    (whole- and within-block exchange of Winkler et al., NeuroImage 92, 381 (2014),
    10.1016/j.neuroimage.2014.01.060), which is exact where the rows of a group are
    exchangeable.

    Sizes that fewer than three groups have are taken together with the next smaller
    ones, so that no group keeps its values for want of a partner; a run of values
    may then reach over two groups. On simulated targets that are related inside
    groups and to nothing else, p was at most 0.05 in 6 to 8 % of the cases where 17
    groups had 1 to 12 rows and in 10 % where one group of 23 held 40 of 75 rows; of
    single rows permuted freely, in 40 and 51 %.

    Parameters
    ----------
    seed, scramble
        The n-th scramble of a seed is the same however many there are.
    within
        Parts of the rows that keep their values among themselves; by default all
        rows are one part.

    Returns
    -------
    array of shape (n_rows,)
        The same values in another order.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, _STREAM, scramble]))
    everything = np.arange(len(problem.y))
    keys = everything if problem.groups is None else problem.groups
    values = problem.y.copy()
    for part in [everything] if within is None else within:
        for rows in _alike(part, keys[part]):
            to, taken = (rows[_dealt(keys[rows], rng)] for _ in range(2))
            values[to] = problem.y[taken]
    return values


def mixes_sizes(
    groups: Rows | None, n: int, within: Sequence[Rows] | None = None
) -> bool:
    """Whether groups of different sizes exchange their values with each other.

    Parameters
    ----------
    groups
        The group of each of the n rows; None where each stands for itself.
    within
        As in :func:`scrambled_target`.
    """
    if groups is None:
        return False
    return any(
        len(np.unique(np.unique(groups[rows], return_counts=True)[1])) > 1
        for part in ([np.arange(n)] if within is None else within)
        for rows in _alike(part, groups[part])
    )


def _alike(rows: Rows, keys: Rows) -> list[Rows]:
    """Return the rows of groups of like size, the largest groups first."""
    _, number, size = np.unique(keys, return_inverse=True, return_counts=True)
    bins: list[list[int]] = []
    open_ = False
    for of_size in np.unique(size)[::-1]:
        members = [int(g) for g in np.flatnonzero(size == of_size)]
        if open_:
            bins[-1] += members
        else:
            bins.append(members)
        open_ = len(bins[-1]) < _PARTNERS
    if open_ and len(bins) > 1:
        last = bins.pop()
        bins[-1] += last
    return [rows[np.isin(number, b)] for b in bins]


def _dealt(keys: Rows, rng: np.random.Generator) -> Rows:
    """Return the rows group by group, groups and their rows in random order."""
    _, number = np.unique(keys, return_inverse=True)
    place = rng.permutation(number.max() + 1)
    return np.lexsort((rng.random(len(keys)), place[number]))
