"""What the printed formulas give along their variables and between metals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.formula import Formula
    from hecsr.result import FormulaResult
    from hecsr.study.samples import Samples
    from hecsr.study.ternaries import Ternary

Array = NDArray[np.float64]

_ON_LINE: Final = 121
_ON_SIDE: Final = 81
# A positive variable whose values span more than this is shown by its logarithm.
_DECADES: Final = 100.0


@dataclass(frozen=True, eq=False)
class Line:
    """The value of a formula along one variable, the others held.

    Attributes
    ----------
    at, value
        Values of the variable over its fitted range, and of the formula; NaN where
        it is undefined.
    inside
        Whether the point is in the domain of the formula.
    spread
        Mean change of the value over the samples when the variable is held.
    """

    name: str
    at: Array
    value: Array
    inside: NDArray[np.bool_]
    spread: float
    logarithmic: bool = False


@dataclass(frozen=True, eq=False)
class Plane:
    """The value of a formula over two variables, the others held.

    `value` has one row per `y`, NaN where the formula is undefined; `hull` the corners
    of the convex hull of the samples in these two variables, in order.
    """

    first: Line
    second: Line
    x: Array
    y: Array
    value: Array
    hull: Array


@dataclass(frozen=True, eq=False)
class FormulaMap:
    """A formula along its variables, the one that moves the value most first.

    Attributes
    ----------
    held
        What each variable is held at where another one varies.
    at_medians
        Whether that is the median of each; else it is the sample nearest to the
        medians, since these together lie outside of the domain.
    samples
        The variables of the samples that the formula was fitted to.
    """

    engine: str
    held: Mapping[str, float]
    at_medians: bool
    lines: tuple[Line, ...]
    plane: Plane | None
    samples: pd.DataFrame
    observed: Array
    fitted: Array
    compositions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Maps:
    """All maps of the chosen formulas."""

    formulas: tuple[FormulaMap, ...] = ()
    ternaries: tuple[Ternary, ...] = ()

    def of(self, engine: str) -> FormulaMap | None:
        """Return the map of an engine's formula, if there is one."""
        return next((m for m in self.formulas if m.engine == engine), None)


def make_maps(formulas: Sequence[FormulaResult], samples: Samples) -> Maps:
    """Return the maps of the chosen formulas that have a variable."""
    from hecsr.study.ternaries import ternaries

    chosen = [f for f in formulas if f.chosen and f.formula.names]
    return Maps(
        formulas=tuple(formula_map(f.engine, f.formula, samples) for f in chosen),
        ternaries=ternaries({f.engine: f.formula for f in chosen}, samples),
    )


def formula_map(engine: str, formula: Formula, samples: Samples) -> FormulaMap:
    """Return one formula along each variable and over the two that matter most."""
    frame = samples.table.frame.reset_index(drop=True)[list(formula.names)]
    fitted = formula.evaluate(frame)
    held, at_medians = _held(formula, frame)
    spread = {n: _moved(formula, frame, fitted, n, held[n]) for n in formula.names}
    ranked = sorted(formula.names, key=lambda n: -spread[n])
    lines = tuple(_line(formula, frame, held, n, spread[n]) for n in ranked)
    varying = [one for one in lines if one.at[0] < one.at[-1]]
    return FormulaMap(
        engine=engine,
        held=held,
        at_medians=at_medians,
        lines=lines,
        plane=_plane(formula, frame, held, varying) if len(varying) > 1 else None,
        samples=frame,
        observed=samples.y,
        fitted=fitted,
        compositions=tuple(samples.table.samples),
    )


def _held(formula: Formula, frame: pd.DataFrame) -> tuple[dict[str, float], bool]:
    """Return the medians; if these lie outside of the domain, the nearest sample."""
    medians = frame.median()
    place = formula.predict(medians.to_frame().T)["domain"].iloc[0]
    if place == "inside":
        return {str(n): float(v) for n, v in medians.items()}, True
    width = (frame.max() - frame.min()).replace(0.0, 1.0)
    apart = (((frame - medians) / width) ** 2).sum(axis=1)
    nearest = frame.iloc[int(np.argmin(apart.to_numpy()))]
    return {str(n): float(v) for n, v in nearest.items()}, False


def _moved(
    formula: Formula, frame: pd.DataFrame, fitted: Array, name: str, at: float
) -> float:
    change = np.abs(formula.evaluate(frame.assign(**{name: at})) - fitted)
    return float(np.nanmean(change)) if np.isfinite(change).any() else 0.0


def _line(
    formula: Formula,
    frame: pd.DataFrame,
    held: Mapping[str, float],
    name: str,
    spread: float,
) -> Line:
    import pandas as pd

    values = frame[name].to_numpy()
    logarithmic = bool(values.min() > 0 and values.max() > _DECADES * values.min())
    at = _steps(values, _ON_LINE, logarithmic=logarithmic)
    table = pd.DataFrame({n: np.full(len(at), v) for n, v in held.items()})
    table[name] = at
    inside = (formula.predict(table)["domain"] == "inside").to_numpy(dtype=bool)
    return Line(name, at, formula.evaluate(table), inside, spread, logarithmic)


def _plane(
    formula: Formula,
    frame: pd.DataFrame,
    held: Mapping[str, float],
    ranked: Sequence[Line],
) -> Plane:
    first, second = ranked[:2]
    x, y = (
        _steps(line.at, _ON_SIDE, logarithmic=line.logarithmic)
        for line in (first, second)
    )
    across, up = np.meshgrid(x, y)
    columns = {n: np.full(across.size, v) for n, v in held.items()}
    columns[first.name], columns[second.name] = across.ravel(), up.ravel()
    value = formula.evaluate(columns).reshape(across.shape)
    points = frame[[first.name, second.name]].to_numpy()
    return Plane(first, second, x, y, value, _corners(points))


def _steps(values: Array, count: int, *, logarithmic: bool) -> Array:
    low, high = float(values.min()), float(values.max())
    if logarithmic:
        found = np.geomspace(low, high, count)
        # exponentials of logarithms may leave the fitted range by a last digit
        return np.clip(found, low, high)
    return np.linspace(low, high, count)


def _corners(points: Array) -> Array:
    """Return the corners of the hull in order; of a flat one its ends."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return np.asarray(points[ConvexHull(points).vertices], dtype=np.float64)
    except QhullError:
        order = np.lexsort(points.T)
        return points[[order[0], order[-1]]]
