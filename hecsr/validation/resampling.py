"""Bootstraps of whole groups of rows, and the rows that each leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import HecsrError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.validation.problem import Problem

_TRIES: Final = 100
_LEAST: Final = 2
"""Groups of each class, or different target values, that a fit needs."""


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """One bootstrap of the rows.

    Attributes
    ----------
    number
        Its place among the bootstraps.
    rows
        Positions of the rows drawn, rising; a row drawn twice stands there twice.
    out
        Positions of the rows of the groups that were not drawn.
    groups
        The group of each of `rows`. Copies of a row share it, so that inner folds
        made of whole groups never train on a row that they are tested on.
    """

    number: int
    rows: NDArray[np.intp]
    out: NDArray[np.intp]
    groups: NDArray[np.intp]

    @property
    def distinct(self) -> int:
        """How many different rows were drawn."""
        return len(np.unique(self.rows))


def bootstraps_of(problem: Problem, count: int, seed: int) -> tuple[Bootstrap, ...]:
    """Draw as many groups with replacement as there are, `count` times.

    Without groups every row is one. Of two classes as many groups are drawn as there
    are of each, by the class of a group's first row. What cannot be fitted or scored
    (one class or a constant target in the bag, nothing outside) is drawn again.

    Raises
    ------
    HecsrError
        If a hundred draws in a row cannot be used.
    """
    codes = problem.groups
    if codes is None:
        codes = np.arange(len(problem.y))
    _, first, group = np.unique(codes, return_index=True, return_inverse=True)
    kind = problem.y[first]
    if problem.task == "regression":
        kind = np.zeros(len(first))
    return tuple(
        _drawn(problem, np.asarray(codes, dtype=np.intp), kind, group, number, seed)
        for number in range(count)
    )


def _drawn(
    problem: Problem,
    codes: NDArray[np.intp],
    kind: NDArray[np.float64],
    group: NDArray[np.intp],
    number: int,
    seed: int,
) -> Bootstrap:
    # one stream a bootstrap: the first fifty of a hundred are those of fifty
    random = np.random.default_rng(np.random.SeedSequence([seed, number]))
    for _ in range(_TRIES):
        times = np.zeros(len(kind), dtype=np.intp)
        for value in np.unique(kind):
            members = np.flatnonzero(kind == value)
            picked = random.choice(members, size=len(members))
            times += np.bincount(picked, minlength=len(kind))
        rows = np.repeat(np.arange(len(group)), times[group])
        out = np.flatnonzero(times[group] == 0)
        if len(out) and _usable(problem, rows, codes):
            return Bootstrap(number, rows, out, codes[rows])
    msg = (
        f"no bootstrap of the {len(kind)} groups can be fitted: a hundred draws hold "
        "one class, a constant target or every group; set 'bootstraps' to 0"
    )
    raise HecsrError(msg)


def _usable(problem: Problem, rows: NDArray[np.intp], codes: NDArray[np.intp]) -> bool:
    if problem.task == "regression":
        return len(np.unique(problem.y[rows])) >= _LEAST
    return all(
        len(np.unique(codes[rows[problem.y[rows] == label]])) >= _LEAST
        for label in (0.0, 1.0)
    )
