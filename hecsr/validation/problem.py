"""The data that all competitors share: descriptors, target and groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.descriptors.descriptor import Descriptor, DescriptorTable, plain
from hecsr.descriptors.filter import RedundancyFilter
from hecsr.errors import HecsrError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from hecsr.formula.formula import Task


@dataclass(frozen=True, eq=False)
class Problem:
    """Checked input of a comparison.

    `frame` holds the descriptors, every value finite; `extra` the columns that only
    rules may look at, where NaN means unknown. `y` is 0 or 1 for a classification.
    """

    frame: pd.DataFrame
    descriptors: tuple[Descriptor, ...]
    samples: tuple[str, ...]
    y: NDArray[np.float64]
    task: Task
    groups: NDArray[np.intp] | None = None
    extra: pd.DataFrame | None = None
    threshold: float = 0.9
    required: tuple[str, ...] = ()

    @property
    def everything(self) -> pd.DataFrame:
        """The descriptors and, to their right, the columns for rules."""
        if self.extra is None:
            return self.frame
        new = [c for c in self.extra.columns if c not in self.frame.columns]
        return self.frame.join(self.extra[new])

    @property
    def families(self) -> dict[str, tuple[str, ...]]:
        """Names of the descriptors of each family, in order of the table."""
        members: dict[str, list[str]] = {}
        for d in self.descriptors:
            members.setdefault(d.family or d.name, []).append(d.name)
        return {family: tuple(names) for family, names in members.items()}

    def filter_on(
        self, train: NDArray[np.intp], without: Sequence[str] = ()
    ) -> RedundancyFilter:
        """Fit the filter on training rows, optionally without some columns."""
        left = [c for c in self.frame.columns if c not in without]
        return RedundancyFilter(
            self.threshold,
            descriptors=self.descriptors,
            required=tuple(c for c in self.required if c not in without),
        ).fit(self.frame[left].iloc[train])

    def target(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        """Target of some rows, as integers for a classification."""
        values = self.y[rows]
        return values if self.task == "regression" else values.astype(np.int64)


def make_problem(
    table: DescriptorTable | pd.DataFrame,
    y: ArrayLike,
    *,
    task: Task,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    extra: pd.DataFrame | None = None,
    threshold: float = 0.9,
    required: Sequence[str] = (),
) -> Problem:
    """Check a table and its target, and put them side by side.

    Raises
    ------
    HecsrError
        If lengths differ, a descriptor or target is missing or infinite, the target
        is constant, or a classification's target is anything but 0 and 1.
    """
    import pandas as pd

    if isinstance(table, DescriptorTable):
        frame, descriptors = table.frame, table.descriptors
    else:
        frame = table
        descriptors = tuple(plain(str(c)) for c in frame.columns)
    samples = tuple(str(s) for s in frame.index)
    # row positions serve as the index from here on: labels may repeat
    frame = pd.DataFrame(
        frame.to_numpy(dtype=np.float64), columns=[str(c) for c in frame.columns]
    )
    bad = frame.columns[~np.isfinite(frame.to_numpy()).all(axis=0)]
    if len(bad):
        msg = f"values are missing or infinite in {', '.join(bad)}"
        raise HecsrError(f"{msg}; set those rows or descriptors aside first")
    if extra is not None:
        if len(extra) != len(frame):
            msg = f"{len(extra)} rows for the rules, {len(frame)} of descriptors"
            raise HecsrError(msg)
        extra = extra.reset_index(drop=True)
    return Problem(
        frame=frame,
        descriptors=descriptors,
        samples=samples,
        y=_target(y, len(frame), task),
        task=task,
        groups=None if groups is None else _groups(groups, len(frame)),
        extra=extra,
        threshold=threshold,
        required=tuple(required),
    )


def _target(y: ArrayLike, n_rows: int, task: Task) -> NDArray[np.float64]:
    target = np.asarray(y, dtype=np.float64)
    if target.shape != (n_rows,):
        raise HecsrError(f"the target has shape {target.shape} for {n_rows} rows")
    if n_rows == 0:
        raise HecsrError("the table has no rows")
    missing = int((~np.isfinite(target)).sum())
    if missing:
        raise HecsrError(f"the target is missing or infinite in {missing} rows")
    values = np.unique(target)
    if task == "classification" and not set(values) <= {0.0, 1.0}:
        given = ", ".join(f"{v:g}" for v in values[:5])
        raise HecsrError(f"classes must be 0 and 1; the target holds {given}")
    if len(values) == 1:
        what = "one class only" if task == "classification" else "a constant target"
        raise HecsrError(f"{what} ({values[0]:g}): there is nothing to learn")
    return target


def _groups(groups: Sequence[Any] | NDArray[Any], n_rows: int) -> NDArray[np.intp]:
    if len(groups) != n_rows:
        raise HecsrError(f"{len(groups)} groups are given for {n_rows} rows")
    number: dict[Any, int] = {}
    return np.array([number.setdefault(g, len(number)) for g in groups], dtype=np.intp)
