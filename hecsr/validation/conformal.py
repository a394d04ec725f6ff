"""Half widths of prediction intervals from held-out errors of a procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import HecsrError
from hecsr.formula.formula import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike

LEVELS: Final = (0.5, 0.68, 0.8, 0.9, 0.95, 0.99)
"""Levels whose half widths are kept, where there are errors enough for them."""


def half_width(
    residuals: ArrayLike, level: float = 0.9, groups: ArrayLike | None = None
) -> float:
    """Return the smallest half width that holds `level` of new errors.

    The ``ceil((n + 1) level)``-th smallest of n absolute errors: with exchangeable
    errors an interval of this half width holds a new value with probability at
    least `level` (split conformal prediction; Lei et al., J. Am. Stat. Assoc. 113,
    1094 (2018), 10.1080/01621459.2017.1307116).

    With groups it is these that are exchangeable, and the new value is one of a new
    group: each of K groups has the weight ``1 / (K + 1)``, shared by its errors, and
    the half width is the smallest whose errors weigh `level` (Lee, Barber and
    Willett, 2023, arXiv 2306.06342, section 2). With one error in each group that is
    the rank above.

    Parameters
    ----------
    residuals
        Held-out errors, shape (n,).
    groups
        The group of each error.

    Raises
    ------
    HecsrError
        If the level is not between 0 and 1, or too high for so few errors or groups.
    """
    if not 0 < level < 1:
        raise HecsrError(f"the level of an interval is {level}; give one in (0, 1)")
    size = np.abs(np.asarray(residuals, dtype=np.float64))
    if not np.isfinite(size).all():
        raise HecsrError("held-out errors are missing or infinite")
    what, weight = "held-out errors", np.ones(len(size))
    if groups is not None:
        _, code, count = np.unique(
            np.asarray(groups), return_inverse=True, return_counts=True
        )
        what, weight = "groups of held-out errors", 1 / count[code]
    order = np.argsort(size, kind="stable")
    reached = np.cumsum(weight[order])
    number = round(float(weight.sum()))
    # 0.9 times 10 must be 9, not the next float above it
    enough = np.flatnonzero(reached >= (number + 1) * level - 1e-9)
    if not len(enough):
        least = int(np.ceil(round(level / (1 - level), 9)))
        msg = f"{number} {what} carry no {level:.0%} interval"
        raise HecsrError(f"{msg}; {least} are needed")
    return float(size[order[enough[0]]])


def conformal_interval(
    predictions: pd.DataFrame,
    competitor: str,
    *,
    groups: Sequence[int] | None = None,
    scheme: str | None = None,
    level: float = 0.9,
) -> Interval:
    """Interval of a procedure from its out-of-fold errors under a scheme.

    The whole procedure, its search included, is repeated without each fold, so that
    the errors are those that it makes on samples it never saw. With groups they are
    those on unseen groups. Each repeat gives one error per sample and a half width;
    their mean is returned, and that of the levels in :data:`LEVELS` beside it.

    Parameters
    ----------
    predictions
        As in `Comparison.predictions`, of a regression.
    groups
        The group of every sample of the problem, by the position that the column
        'sample' holds; without, every sample stands for itself.
    scheme
        The scheme to take; the first by default.

    Raises
    ------
    HecsrError
        If the competitor has no predictions, or too few, or a group is torn apart by
        the folds: its errors are then not those on an unseen group.
    """
    chosen = predictions["scheme"].iloc[0] if scheme is None else scheme
    own = predictions[
        (predictions["scheme"] == chosen) & (predictions["competitor"] == competitor)
    ]
    if own.empty:
        raise HecsrError(f"no predictions of '{competitor}' under '{chosen}'")
    error = own["observed"].to_numpy() - own["predicted"].to_numpy()
    repeat = own["repeat"].to_numpy()
    of = None if groups is None else np.asarray(groups)[own["sample"].to_numpy()]
    if of is not None:
        _refuse_torn(own.assign(group=of))

    def mean(at: float) -> float:
        parts = [
            half_width(error[here], at, None if of is None else of[here])
            for here in (repeat == r for r in np.unique(repeat))
        ]
        return float(np.mean(parts))

    wanted = mean(level)
    size = len(np.unique(repeat))
    number = len(own) // size if of is None else len(np.unique(of))
    most = number / (number + 1)
    rows = f"{len(own) // size} out-of-fold errors of the procedure, {chosen}"
    if of is not None and number < len(own) // size:
        rows += f" ({number} groups of equal weight)"
    kept = tuple((at, mean(at)) for at in LEVELS if at <= most)
    return Interval(half_width=wanted, level=level, source=rows, levels=kept)


def _refuse_torn(own: pd.DataFrame) -> None:
    folds = own.groupby(["repeat", "group"])["fold"].nunique()
    if (folds > 1).any():
        _, group = folds[folds > 1].index[0]
        msg = (
            f"group {group} stands in several folds, so that its errors are not those "
            "on an unseen group; take a scheme that keeps groups whole"
        )
        raise HecsrError(msg)
