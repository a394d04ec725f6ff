"""All formulas that cannot be told from the best one, on the rows at hand.

Breiman, Stat. Sci. 16, 199 (2001), 10.1214/ss/1009213726, called it the Rashomon
effect that many models of one table err about as much. Fisher, Rudin, Dominici, J.
Mach. Learn. Res. 20(177), 1 (2019) ask of the whole set what is asked of one model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import SearchError
from hecsr.validation.indistinguishable import Told, same_as, told_apart
from hecsr.validation.model_averaging import ModelAverage, weighed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from hecsr.search.sisso.listing import Listed
    from hecsr.validation.tuple_fits import Fits

LISTED: Final = 5000
"""Formulas of each number of terms that are listed, the best by least squares."""
SHOWN: Final = 500
"""Formulas of the set that are described one by one, the heaviest."""


@dataclass(frozen=True, eq=False)
class FormulaSet:
    """The formulas not told from the best, on the rows that they were fitted to.

    Attributes
    ----------
    average
        The formulas, their weights, and the averaged prediction; of formulas that are
        the same the simplest alone.
    error
        Mean squared error of each formula on rows left out one by one (form given),
        in the order of `average.components`; for classes the Brier score.
    statistic
        Its excess over the best, in standard errors.
    told
        The test over all listed formulas.
    listed, fitted
        By number of terms how many formulas were tested, and of how many they are
        the best by least squares.
    full
        Numbers of terms of which all listed formulas are in the set though there are
        more: the set is larger than it says.
    same
        Formulas of the set left out since they are the same as a simpler one.
    leading
        By number of terms whether the formula that the search itself gives is in it.
    """

    average: ModelAverage
    error: NDArray[np.float64]
    statistic: NDArray[np.float64]
    told: Told
    listed: Mapping[int, int]
    fitted: Mapping[int, int]
    full: tuple[int, ...]
    same: int
    leading: Mapping[int, bool]

    def __len__(self) -> int:
        return len(self.error)


def rashomon_set(
    estimator: Any,
    X: pd.DataFrame,
    y: ArrayLike,
    *,
    level: float = 0.9,
    groups: NDArray[np.intp] | None = None,
    seed: int | np.random.SeedSequence = 0,
    keep: int = LISTED,
) -> FormulaSet:
    """Search, and return all formulas that cannot be told from the best one.

    Every tuple of the features that screening kept is fitted; the `keep` best of each
    number of terms are tested against the one of least error with rows left out one by
    one: see :func:`.indistinguishable.told_apart`. Screening saw all rows, so that
    these errors are too small for all formulas alike; the test compares, and what the
    set is worth on new rows is for held-out rows to say.

    Parameters
    ----------
    estimator
        Unfitted `SissoRegressor` or `SissoClassifier`.
    X, y
        Descriptors, shape (n, p), and target; classes are 0 and 1.
    level
        Probability with which the test keeps all of equally good formulas.
    groups
        Rows of one group are not independent.

    Raises
    ------
    SearchError
        If the search does not fit every tuple, or these data cannot be searched.
    HecsrError
        If the level is not between 0 and 1, or nothing can be compared.
    """
    from hecsr.search.sisso.listing import list_tuples
    from hecsr.validation.tuple_fits import effective_rows, fit_list, standardised

    listed = list_tuples(estimator, X, np.asarray(y), keep=keep)
    rows, scale = standardised(listed)
    fits = fit_list(listed, rows)
    fits = {d: f for d, f in fits.items() if len(f.members)}
    if not fits:
        raise SearchError("no formula of the list has a finite fit on these rows")
    errors = np.concatenate([f.errors for f in fits.values()])
    told = told_apart(np.square(errors), level=level, seed=seed, groups=groups)
    effective = effective_rows(errors[told.best], groups)
    inside = _by_size(told.inside, fits)
    same = {d: _distinct(f, inside[d]) for d, f in fits.items()}
    kept = {d: f.take(same[d]) for d, f in fits.items() if same[d].any()}
    average = ModelAverage(
        task=listed.samples.task,
        terms=listed.terms,
        scale=scale,
        fits=kept,
        weights=weighed(kept, effective),
        n_samples=len(listed.samples.y),
        effective=effective,
    )
    statistic = _by_size(told.statistic, fits)
    return FormulaSet(
        average=average,
        error=np.concatenate([f.losses.mean(axis=1) for f in kept.values()]),
        statistic=np.concatenate([statistic[d][same[d]] for d in kept]),
        told=told,
        listed={d: len(f.members) for d, f in fits.items()},
        fitted={d: listed.fitted[d] for d in fits},
        full=tuple(
            d for d in fits if listed.fitted[d] > keep and _last_inside(inside[d])
        ),
        same=int(told.inside.sum()) - sum(int(s.sum()) for s in same.values()),
        leading={d: _leads(listed, fits[d], inside[d], d) for d in fits},
    )


def described(found: FormulaSet) -> dict[str, Any]:
    """Return a set as plain data: lists, numbers and text."""
    average = found.average
    weight = average.flat_weights
    texts = average.texts
    nodes = np.concatenate([f.nodes for f in average.fits.values()])
    size = np.concatenate([np.full(len(f.members), d) for d, f in average.fits.items()])
    order = np.lexsort((found.error, -weight))
    best = int(np.argmin(found.error))
    simplest = int(np.lexsort((found.error, size, nodes))[0])
    return {
        "size": len(found),
        "same": found.same,
        "full": list(found.full),
        "critical": found.told.critical,
        "effective_rows": average.effective,
        "best": texts[best],
        "best_error": float(np.sqrt(found.error[best])),
        "simplest": texts[simplest],
        "simplest_error": float(np.sqrt(found.error[simplest])),
        "members": [
            {
                "terms": int(size[i]),
                "text": texts[i],
                "complexity": int(nodes[i]),
                "error": float(np.sqrt(found.error[i])),
                "statistic": float(found.statistic[i]),
                "weight": float(weight[i]),
            }
            for i in order[:SHOWN]
        ],
        "sizes": [
            {
                "terms": int(d),
                "fitted": int(found.fitted[d]),
                "listed": int(found.listed[d]),
                "members": int((size == d).sum()),
                "weight": float(weight[size == d].sum()),
                "leading": bool(found.leading[d]),
            }
            for d in found.listed
        ],
        "descriptors": average.inclusion.to_dict("records"),
        "features": average.term_inclusion.head(SHOWN).to_dict("records"),
    }


def _by_size(values: NDArray[Any], fits: Mapping[int, Fits]) -> dict[int, NDArray[Any]]:
    ends = np.cumsum([len(f.members) for f in fits.values()])[:-1]
    return dict(zip(fits, np.split(values, ends), strict=True))


def _distinct(fits: Fits, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leave one of the formulas inside that are the same."""
    places = np.flatnonzero(inside)
    kept = np.zeros(len(inside), dtype=np.bool_)
    if len(places):
        first = same_as(np.square(fits.errors[places]), fits.nodes[places])
        kept[places[np.unique(first)]] = True
    return kept


def _last_inside(inside: NDArray[np.bool_]) -> bool:
    """Whether the worst tenth of a list still holds members."""
    return bool(inside[-max(1, len(inside) // 10) :].any())


def _leads(listed: Listed, fits: Fits, inside: NDArray[np.bool_], size: int) -> bool:
    leading = np.sort(np.array(listed.leading[size]))
    return bool((inside & (fits.members == leading).all(axis=1)).any())
