"""What a search is given: checked numbers, their descriptors, and weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.errors import SearchError
from hecsr.formula.expression import evaluate
from hecsr.formula.fit import fit_formula
from hecsr.formula.nonlinear import Form, fit_form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array, Expression
    from hecsr.formula.formula import Formula, Target, Task


@dataclass(frozen=True)
class Samples:
    """Descriptor values and targets of the rows that a search learns from.

    Attributes
    ----------
    values
        One row per sample, one column per descriptor, float64 and finite.
    y
        Target values; 0 and 1 for classification.
    weights
        Weight of each row, None where all are equal.
    intercept
        Whether formulas have a constant beside their terms.
    edges
        Where each of several data sets starts that share the terms of a formula but
        not its coefficients, and the number of rows; empty for one data set.
    """

    values: Array
    descriptors: tuple[Descriptor, ...]
    y: Array
    weights: Array | None
    task: Task
    intercept: bool = True
    edges: tuple[int, ...] = ()

    @property
    def columns(self) -> dict[str, Array]:
        """The values by descriptor name."""
        names = (d.name for d in self.descriptors)
        return dict(zip(names, self.values.T, strict=True))

    @property
    def share(self) -> Array:
        """Weights that sum to one."""
        if self.weights is None:
            return np.full(len(self.y), 1 / len(self.y))
        return np.asarray(self.weights / self.weights.sum())

    @property
    def constant(self) -> bool:
        """Whether every sample has the same target."""
        return bool(np.all(self.y == self.y[0]))

    @property
    def strata(self) -> NDArray[np.intp] | None:
        """What the folds keep balanced: the classes; None for numbers."""
        return self.y.astype(np.intp) if self.task == "classification" else None

    def rows(self, index: NDArray[np.intp]) -> Self:
        """Return the samples at the given positions."""
        weights = None if self.weights is None else self.weights[index]
        return replace(
            self, values=self.values[index], y=self.y[index], weights=weights
        )

    def refit(self, found: Sequence[Expression] | Form, target: Target) -> Any:
        """Fit the constants of a form, or those of ``c0 + c1 t1 + ...``, here."""
        descriptors = {d.name: d for d in self.descriptors}
        if isinstance(found, Form):
            return fit_form(
                found,
                self.columns,
                self.y,
                task=self.task,
                target=target,
                descriptors=descriptors,
                weights=self.weights,
            )
        return fit_formula(
            found,
            self.columns,
            self.y,
            task=self.task,
            target=target,
            descriptors=descriptors,
            weights=self.weights,
            intercept=self.intercept,
        )

    def value(self, fitted: Any) -> Array:
        """Evaluate what :meth:`refit` gave on these rows; NaN where undefined."""
        return values_of(fitted, self.columns, len(self.y))

    def loss(self, value: Array) -> float:
        """Return the mean squared error of values; for a probability its Brier score.

        Both are least for the true mean. The log of a probability would be too, but
        one confident mistake in a small fold outweighs all else in it.
        """
        return float(self.share @ (self.y - value) ** 2)


def values_of(formula: Formula, columns: Mapping[str, Array], n_rows: int) -> Array:
    """Evaluate a formula on columns; a constant alone is spread over all rows."""
    value = evaluate(formula.expression, columns, formula.constants)
    return np.broadcast_to(value, (n_rows,)).copy()


def describe_columns(
    names: Sequence[str], descriptors: Sequence[Descriptor] | None
) -> tuple[Descriptor, ...]:
    """Look up the descriptor of each column; an unknown one is a plain number.

    Raises
    ------
    SearchError
        If a name is described twice, or the zero of a unit is not the zero of the
        quantity, as for °C.
    """
    known = {d.name: d for d in descriptors or ()}
    if len(known) < len(descriptors or ()):
        given = [d.name for d in descriptors or ()]
        twice = sorted({name for name in given if given.count(name) > 1})
        raise SearchError(f"descriptors are described twice: {_listed(twice)}")
    found = tuple(known.get(name) or plain(name) for name in names)
    for d in found:
        if d.unit.offset:
            msg = (
                f"'{d.name}' is in {d.unit.text}, whose zero is arbitrary, so that its "
                "products and powers mean nothing; convert it, e.g. to K"
            )
            raise SearchError(msg)
    return found


def check_frame(frame: pd.DataFrame) -> None:
    """Refuse repeated names, text and gaps, and say in which columns.

    Raises
    ------
    SearchError
        The first kind of mistake found, with the columns concerned.
    """
    names = [str(name) for name in frame.columns]
    if not names:
        raise SearchError("X has 0 features: give at least one descriptor column")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SearchError(f"column names repeat: {_listed(twice)}")
    bad: dict[str, str] = {}
    for name, kind in zip(names, frame.dtypes, strict=True):
        if getattr(kind, "kind", "O") not in "OSUMm" and str(kind) != "category":
            continue
        try:
            np.asarray(frame[name], dtype=np.float64)
        except (TypeError, ValueError):
            bad[name] = str(kind)
    if bad:
        msg = f"columns that are not numbers: {_listed(bad)}"
        raise SearchError(msg)


def check_finite(values: Array, names: Sequence[str]) -> None:
    """Refuse NaN and infinite values, and say where they are.

    Raises
    ------
    SearchError
        With the columns and the number of rows concerned.
    """
    good = np.isfinite(values)
    if good.all():
        return
    kind = "NaN" if np.isnan(values).any() else "infinite (inf) values"
    found = {
        names[j]: int((~good[:, j]).sum())
        for j in range(len(names))
        if not good[:, j].all()
    }
    rows = ", ".join(f"'{name}' ({count} rows)" for name, count in found.items())
    msg = f"X contains {kind} in {rows}; set these rows or columns aside first"
    raise SearchError(msg)


def check_target(y: Any) -> None:
    """Refuse gaps and infinite values in a target, and say in which row the first is.

    Raises
    ------
    SearchError
        With that row, counted from 0, its label if it has one, and how many more.
    """
    import pandas as pd

    try:
        cells = np.asarray(y)
    except ValueError:
        return  # lists of unequal lengths: no column, which is said elsewhere
    if cells.ndim not in (1, 2) or cells.dtype.kind not in "fO":
        return
    gaps = np.asarray(pd.isna(cells))
    bad = gaps.copy()
    bad[~gaps] = [isinstance(v, float) and np.isinf(v) for v in cells[~gaps].tolist()]
    rows = np.flatnonzero(bad if bad.ndim == 1 else bad.any(axis=1))
    if not len(rows):
        return
    at = int(rows[0])
    kind = "NaN or None" if np.any(gaps[at]) else "infinity"
    index = y.index if isinstance(y, pd.Series | pd.DataFrame) else pd.RangeIndex(0)
    label = "" if isinstance(index, pd.RangeIndex) else f" ('{index[at]}')"
    more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
    raise SearchError(
        f"y contains {kind} in row {at}{label}, counted from 0{more}; leave such rows "
        "out of X and y"
    )


def check_weights(weights: Any, n: int) -> Array | None:
    """Return non-negative, finite weights of length `n`, or None for equal ones.

    Raises
    ------
    SearchError
        If they are not such.
    """
    if weights is None:
        return None
    w = np.asarray(weights, dtype=np.float64)
    if w.ndim == 0:
        w = np.full(n, float(w))
    if w.shape != (n,):
        raise SearchError(f"sample_weight has shape {w.shape}, expected ({n},)")
    if not np.isfinite(w).all() or (w < 0).any() or not (w > 0).any():
        raise SearchError("sample_weight must be finite, not negative, not all zero")
    return w


def _listed(names: Sequence[str] | Mapping[str, str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
