"""A search that fits the number of rows, by the rule of compressed sensing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.proposal.target import Target
    from hecsr.study.samples import Samples

ROWS_PER_TERM: Final = 3.0
"""The k of n = k D ln M: the literature has 1 to 10, the shipped analyses 3 to 6."""
EVENTS_PER_TERM: Final = 10
"""Rows of the rarer class for each term of a logistic formula."""
OPERATORS: Final = ("+", "-", "*", "/", "|-|", "^-1", "^2", "sqrt")
MAX_CANDIDATES: Final = 20_000_000

# rungs, most operators of a feature
_SPACES: Final = ((2, 3), (2, 2), (1, 1), (0, 0))
_MOST_TERMS: Final = 3
_MOST_LASSO_TERMS: Final = 6
_ROWS_PER_COEFFICIENT: Final = 15


@dataclass(frozen=True)
class Size:
    """How large the searches are, and what that rests on.

    Attributes
    ----------
    rows
        Rows whose descriptors differ: equal ones say nothing new of a formula.
    entering
        Descriptors left after the filter for redundancy, on all rows.
    candidates
        Features that may be built of them, at most.
    rows_per_term
        The k of n = k D ln M.
    limited_by_class, lasso_limited_by_class
        Whether the rarer class allows no more terms.
    fits
        Whether that is as large as it should be; the smallest search is proposed
        even where it is not.
    """

    rungs: int
    complexity: int
    terms: int
    screened: int
    inner_folds: int
    lasso_terms: int
    operators: tuple[str, ...]
    rows: int
    entering: int
    candidates: int
    rows_per_term: float
    fits: bool
    limited_by_class: bool
    lasso_limited_by_class: bool


def fitting_size(samples: Samples, target: Target) -> Size:
    """Choose the largest search of which the rows support every term.

    That a search of M candidates for D terms needs n = k D ln M rows, k from 1 to
    10: Ghiringhelli et al., New J. Phys. 19, 023017 (2017),
    10.1088/1367-2630/aa57bf. Ten rows of the rarer class for each term of a logistic
    formula: Peduzzi et al., J. Clin. Epidemiol. 49, 1373 (1996),
    10.1016/S0895-4356(96)00236-3.
    """
    from hecsr.descriptors.filter import RedundancyFilter

    table = samples.table
    kept = RedundancyFilter(0.9, descriptors=table.descriptors).fit(table.frame).kept_
    places = [table.names.index(name) for name in kept]
    values = table.values[:, places]
    descriptors = tuple(table.descriptors[i] for i in places)
    rows = len(np.unique(values, axis=0))
    logarithm = any(d.logarithmic for d in descriptors)
    operators = (*OPERATORS, "log") if logarithm else OPERATORS
    most = _MOST_TERMS
    lasso = max(1, min(_MOST_LASSO_TERMS, rows // _ROWS_PER_COEFFICIENT))
    limited = False
    if target.task == "classification":
        by_class = max(1, target.rarer // EVENTS_PER_TERM)
        limited = by_class < lasso
        most, lasso = min(most, by_class), min(lasso, by_class)
    counted = dict(_counted(values, descriptors, operators))
    choices = [
        (terms * math.log(m), terms, space)
        for space, m in counted.items()
        for terms in range(1, most + 1)
        if m <= MAX_CANDIDATES
    ]
    fitting = [c for c in choices if ROWS_PER_TERM * c[0] <= rows]
    # a law is seldom one feature: a second term comes before more complex features
    best = max(fitting, key=lambda c: (c[1] > 1, c)) if fitting else min(choices)
    need, terms, (rungs, complexity) = best
    return Size(
        rungs=rungs,
        complexity=complexity,
        terms=terms,
        screened=100 if rows >= 100 else 50 if rows >= 40 else 20,
        inner_folds=5 if rows >= 40 else 3,
        lasso_terms=lasso,
        operators=operators,
        rows=rows,
        entering=len(kept),
        candidates=counted[rungs, complexity],
        rows_per_term=rows / need,
        fits=bool(fitting),
        limited_by_class=most < _MOST_TERMS and terms == most,
        lasso_limited_by_class=limited,
    )


def _counted(
    values: NDArray[np.float64],
    descriptors: Sequence[Descriptor],
    operators: tuple[str, ...],
) -> Iterator[tuple[tuple[int, int], int]]:
    """Count the candidates of each space; one that cannot be held is passed over."""
    from hecsr.search.sisso.size import space_size
    from hecsr.search.sisso.space import SearchSpace

    for rungs, complexity in _SPACES:
        space = SearchSpace(operators, rungs=rungs, max_complexity=complexity)
        try:
            size = space_size(space, descriptors, len(values), values=values)
        except SearchError:
            continue
        # one candidate has the logarithm zero and would cost no rows
        yield (rungs, complexity), max(size.candidates, 2)
