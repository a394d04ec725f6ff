"""The cases of a study of doubtful labels: what is taken otherwise, in which folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.validation.folds import Split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hecsr.study.doubtful import Doubtful
    from hecsr.validation.problem import Problem

    Rows = NDArray[np.intp]

TOGETHER: Final = "all doubtful labels"
TOGETHER_KIND: Final = "all at once"


@dataclass(frozen=True, eq=False)
class Case:
    """Labels taken otherwise at once: rows of the extended problem, and as what."""

    what: str
    kind: str
    doubtful: tuple[Doubtful, ...]
    taken: Mapping[int, float]
    taken_as: float


def cases_of(doubtful: Sequence[Doubtful]) -> list[Case]:
    """Return one case for each doubtful label, two where there is none, and all."""
    cases = []
    for one in doubtful:
        for taken_as in (0.0, 1.0) if one.label is None else (1.0 - one.label,):
            taken = dict.fromkeys(one.rows, taken_as)
            what = one.composition.formula
            cases.append(Case(what, one.kind, (one,), taken, taken_as))
    firm = tuple(one for one in doubtful if one.reliable)
    if len(firm) < 2:
        return cases
    # rows without a label have two others: all of them as 0, then all as 1
    entering = (0.0, 1.0) if any(one.label is None for one in firm) else (float("nan"),)
    for value in entering:
        taken = {
            row: value if one.label is None else 1.0 - one.label
            for one in firm
            for row in one.rows
        }
        cases.append(Case(TOGETHER, TOGETHER_KIND, firm, taken, value))
    return cases


def taken_so(problem: Problem, case: Case) -> Problem:
    """Return the problem with the labels of a case."""
    y = problem.y.copy()
    y[list(case.taken)] = list(case.taken.values())
    return replace(problem, y=y)


def places(n_rows: int, doubtful: Sequence[Doubtful]) -> Rows:
    """Return where the labelled rows stand among those and the ones without label."""
    without = [row for one in doubtful if one.label is None for row in one.rows]
    every = np.arange(n_rows + len(without))
    return np.setdiff1d(every, without)


def splits_of(
    case: Case, problem: Problem, before: Sequence[Rows]
) -> tuple[Split, ...]:
    """Return the folds before, joined by the rows that enter.

    A row that enters joins the fold of its group; without one, the fold that holds
    the fewest of its class.

    Parameters
    ----------
    problem
        With the labels of the case.
    before
        Held-out rows of each fold.
    """
    parts = [list(part) for part in before]
    entering = [r for one in case.doubtful if one.label is None for r in one.rows]
    y = problem.y
    for row in entering:
        held = [int(np.sum(y[part] == y[row])) for part in parts]
        tied = [
            f for f, part in enumerate(parts) if _shares(problem, [row], part).any()
        ]
        parts[tied[0] if tied else int(np.argmin(held))].append(row)
    every = np.sort(np.concatenate([np.array(p, dtype=np.intp) for p in parts]))
    splits = []
    for fold, part in enumerate(parts):
        test = np.sort(np.array(part, dtype=np.intp))
        train = np.setdiff1d(every, test)
        # a row that enters may tie groups of several folds: not trained on there
        tied_rows = train[_shares(problem, train, test) & np.isin(train, entering)]
        train = np.setdiff1d(train, tied_rows)
        splits.append(Split(0, fold, str(fold + 1), train, test))
    return tuple(splits)


def _shares(problem: Problem, rows: Any, others: Any) -> NDArray[np.bool_]:
    """Say which rows share a group with any of the others."""
    if problem.groups is None:
        return np.zeros(len(rows), dtype=bool)
    return np.isin(problem.groups[rows], problem.groups[others])
