"""Which of many formulas are not shown to err more than the best one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import HecsrError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

DRAWS: Final = 999
_SAME: Final = 1e-9
"""Formulas whose errors differ by less, as a share, in every row are the same."""
_ROOM: Final = 20_000_000


@dataclass(frozen=True, eq=False)
class Told:
    """The test of many formulas against the best.

    Attributes
    ----------
    best
        Position of the formula of least mean loss.
    excess
        Mean loss above that of the best, shape (m,).
    statistic
        Excess over its standard error, shape (m,); 0 for the best.
    critical
        What the statistic of a formula must exceed to tell it from the best.
    inside
        Which formulas are not told from the best, shape (m,).
    """

    best: int
    excess: Array
    statistic: Array
    critical: float
    inside: NDArray[np.bool_]


def told_apart(
    losses: Array,
    *,
    level: float,
    seed: int | np.random.SeedSequence,
    groups: NDArray[np.intp] | None = None,
) -> Told:
    """Test each formula against the best of all, by paired differences of losses.

    A formula is told from the best if its mean loss is larger by more than `critical`
    standard errors. All losses are of the same rows, so that it is the differences row
    by row that count. Rows of one group are added up first: groups are independent,
    their rows are not. The critical value is the `level` quantile of the largest
    statistic over all formulas if none differed, so that among any number of equally
    good formulas the one that is best by chance tells none from itself, with that
    probability. It is found by giving the groups random normal weights (Chernozhukov,
    Chetverikov, Kato, Ann. Stat. 41, 2786 (2013), 10.1214/13-AOS1161). The set of
    those not told apart holds the formula of least expected loss with about that
    probability (Hansen, Lunde, Nason, Econometrica 79, 453 (2011),
    10.3982/ECTA5771); here in one step, all against the best.

    Parameters
    ----------
    losses
        Loss of each formula on each row, shape (m, n).
    level
        Between 0 and 1; a higher one makes the set larger.

    Raises
    ------
    HecsrError
        If the level is not between 0 and 1, or there are fewer than 2 rows or groups.
    """
    if not 0 < level < 1:
        raise HecsrError(f"the level of the set is {level}; give one between 0 and 1")
    n = losses.shape[1]
    mean = losses.mean(axis=1)
    best = int(np.argmin(mean))
    member = np.arange(n)
    if groups is not None:
        member = np.unique(groups, return_inverse=True)[1]
    parts = int(member.max()) + 1
    if parts < 2:
        what = "rows" if groups is None else "groups"
        raise HecsrError(f"{parts} {what}: formulas cannot be compared on fewer than 2")
    excess = mean - mean[best]
    differences = losses - losses[best] - excess[:, None]
    if groups is not None:
        order = np.argsort(member, kind="stable")
        starts = np.searchsorted(member[order], np.arange(parts))
        differences = np.add.reduceat(differences[:, order], starts, axis=1)
    length = np.sqrt(np.einsum("ij,ij->i", differences, differences))
    error = length * np.sqrt(parts / (parts - 1)) / n
    differs = error > 0
    statistic = np.where(excess > 0, np.inf, 0.0)
    np.divide(excess, error, out=statistic, where=differs)
    unit = differences[differs] / length[differs, None]
    rng = np.random.default_rng(seed)
    largest = np.zeros(DRAWS)
    step = max(1, _ROOM // max(len(unit), 1))
    for start in range(0, DRAWS, step) if len(unit) else ():
        weights = rng.standard_normal((min(step, DRAWS - start), parts))
        largest[start : start + len(weights)] = (weights @ unit.T).max(axis=1)
    critical = float(np.quantile(largest, level, method="higher"))
    return Told(best, excess, statistic, critical, statistic <= critical)


def same_as(losses: Array, nodes: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return for each formula the simplest one that is the same, perhaps itself.

    Formulas are the same if their terms span the same functions on the rows: scale
    and shift of a term, and sums of two terms in place of one, change nothing.

    Parameters
    ----------
    losses
        Losses of formulas of one number of terms, shape (m, n).
    nodes
        Operator nodes of each, which decide which is the simplest; then the first.
    """
    m = len(losses)
    mean = losses.mean(axis=1)
    order = np.argsort(mean, kind="stable")
    same = np.arange(m)
    top = losses.max(axis=1, initial=0.0)
    for place, i in enumerate(order):
        for j in order[place + 1 :]:
            if mean[j] - mean[i] > _SAME * mean[j]:
                break
            if same[j] == j and np.abs(losses[i] - losses[j]).max() <= _SAME * top[j]:
                same[j] = same[i]
    for first in np.unique(same):
        alike = np.flatnonzero(same == first)
        same[alike] = alike[np.lexsort((alike, nodes[alike]))[0]]
    return same
