"""Coefficients of a printed formula, its form refitted to bootstraps of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.errors import HecsrError, SearchError
from hecsr.formula.expression import (
    Array,
    Binary,
    Constant,
    Expression,
    constants,
    evaluate,
)
from hecsr.formula.fit import least_squares, logistic_fit
from hecsr.formula.formula import summands
from hecsr.formula.optimum import Problem as Fit
from hecsr.formula.printers.text import to_text
from hecsr.validation.parts import Part, digest
from hecsr.validation.recurrence import quantiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from hecsr.formula.formula import Formula
    from hecsr.validation.parts import Runner
    from hecsr.validation.problem import Problem
    from hecsr.validation.resampling import Bootstrap

_COLUMNS = (
    "engine", "coefficient", "value", "standard_error", "sd", "low", "high",
    "same_sign", "n",
)  # fmt: skip


def coefficient_spread(
    formulas: Mapping[str, Formula],
    problem: Problem,
    drawn: Sequence[Bootstrap],
    runner: Runner,
) -> pd.DataFrame:
    """Refit the form of each formula to every bootstrap, and compare with its errors.

    The form is as given; nothing is searched. Where whole groups are drawn the spread
    holds what rows of a group have in common, which the standard errors leave out.

    Parameters
    ----------
    formulas
        By engine.

    Returns
    -------
    DataFrame
        engine, coefficient, value, standard_error, sd, low, high, same_sign, n, as
        :class:`hecsr.validation.stability.Stability` says; empty without bootstraps.
    """
    import pandas as pd
    from joblib import delayed

    asked = {e: f for e, f in formulas.items() if f.coefficients and drawn}
    rows = digest(*(one.rows for one in drawn))
    parts = []
    for engine, formula in asked.items():
        values = digest(np.array(list(formula.constants.values())))
        key = (engine, to_text(formula.expression), values, rows)
        call = delayed(_refits)(formula, problem, [one.rows for one in drawn])
        parts.append(Part(engine, key, call))
    found: list[dict[str, Any]] = []
    refits = runner.run("coefficients on bootstraps", parts)
    for (engine, formula), values in zip(asked.items(), refits, strict=True):
        found += [{"engine": engine} | row for row in _rows(formula, np.array(values))]
    return pd.DataFrame(found, columns=list(_COLUMNS))


def _rows(formula: Formula, values: Array) -> list[dict[str, Any]]:
    there = values[np.isfinite(values).all(axis=1)]
    rows = []
    for j, one in enumerate(formula.coefficients):
        row: dict[str, Any] = {
            "coefficient": one.name,
            "value": one.value,
            "standard_error": float("nan")
            if one.standard_error is None
            else one.standard_error,
            "sd": float("nan"),
            "low": float("nan"),
            "high": float("nan"),
            "same_sign": float("nan"),
            "n": len(there),
        }
        if len(there) > 1:
            own = there[:, j]
            low, high = quantiles(own)
            same = float((np.sign(own) == np.sign(one.value)).mean())
            sd = float(own.std(ddof=1))
            row |= {"sd": sd, "low": low, "high": high, "same_sign": same}
        rows.append(row)
    return rows


def _refits(
    formula: Formula, problem: Problem, drawn: Sequence[Any]
) -> list[list[float]]:
    """Return the coefficients of each refit; NaN where it is undefined."""
    from threadpoolctl import threadpool_limits

    columns = {n: problem.frame[n].to_numpy(dtype=np.float64) for n in formula.names}
    names = [c.name for c in formula.coefficients]
    features = _features(formula)
    found = []
    with threadpool_limits(1):
        for rows in drawn:
            here = {n: c[rows] for n, c in columns.items()}
            try:
                if features is None:
                    values = _anywhere(formula, here, problem.y[rows])
                else:
                    values = _linear(formula, features, here, problem.y[rows])
            except (HecsrError, np.linalg.LinAlgError):
                # a term may be constant, or undefined, on the rows drawn
                values = {}
            found.append([float(values.get(n, np.nan)) for n in names])
    return found


def _features(formula: Formula) -> dict[str, Expression | None] | None:
    """Return what each coefficient multiplies, None for the intercept.

    None for a formula with constants elsewhere, or with summands without one.
    """
    found: dict[str, Expression | None] = {}
    for part in summands(formula.linear_predictor):
        match part:
            case Constant(name) if name not in found:
                found[name] = None
            case Binary("*", Constant(name), feature) if (
                name not in found and not constants(feature)
            ):
                found[name] = feature
            case _:
                return None
    intercepts = [name for name, feature in found.items() if feature is None]
    if len(intercepts) > 1 or (formula.task == "classification" and not intercepts):
        return None
    return found


def _linear(
    formula: Formula,
    features: Mapping[str, Expression | None],
    columns: Mapping[str, Array],
    y: Array,
) -> dict[str, float]:
    intercept = [name for name, feature in features.items() if feature is None]
    terms = {name: f for name, f in features.items() if f is not None}
    design = np.empty((len(y), len(terms)))
    for j, feature in enumerate(terms.values()):
        design[:, j] = evaluate(feature, columns)
    if not np.isfinite(design).all():
        raise SearchError("a term is undefined on a sample")
    if formula.task == "classification":
        fit = logistic_fit(design, y)
    else:
        fit = least_squares(design, y, intercept=bool(intercept))
    return dict(zip([*intercept, *terms], fit.coefficients, strict=True))


def _anywhere(
    formula: Formula, columns: Mapping[str, Array], y: Array
) -> Mapping[str, float]:
    whole = Fit(formula.linear_predictor, columns, y, np.ones(len(y)), formula.task)
    return whole.optimum(formula.constants).values
