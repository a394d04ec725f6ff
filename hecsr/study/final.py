"""The formulas to print: every engine refitted on all rows."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError, SearchError
from hecsr.result import FormulaResult, limited
from hecsr.validation.decision import called_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from hecsr.config import Analysis
    from hecsr.descriptors.filter import RedundancyFilter
    from hecsr.formula.formula import Formula
    from hecsr.progress import Report
    from hecsr.study.engines import Engine
    from hecsr.study.samples import Samples
    from hecsr.validation.compare import Comparison
    from hecsr.validation.problem import Problem

_DIGITS: Final = 4
Sizes = dict[str, dict[str, float]]


def final_formulas(
    analysis: Analysis,
    engines: Sequence[Engine],
    samples: Samples,
    problem: Problem,
    comparison: Comparison,
    progress: Report,
) -> tuple[tuple[FormulaResult, ...], Sizes, RedundancyFilter]:
    """Refit every engine on all rows; return its front, its counts, and the filter.

    The chosen formula carries the errors of the procedure that found it and an
    interval from them.
    """
    from hecsr.validation.compare import filtered_columns
    from hecsr.validation.conformal import conformal_interval
    from hecsr.validation.predicting import fit_on

    rows = np.arange(len(problem.frame))
    full = problem.filter_on(rows)
    X = problem.frame[list(filtered_columns(full))]
    threshold = None
    if analysis.task == "classification":
        share = float(problem.y.mean())
        threshold = called_from(analysis.validation.decided, share)
    found: list[FormulaResult] = []
    sizes: Sizes = {}
    for done, engine in enumerate(engines):
        progress("formulas on all rows", done, len(engines))
        name, fitted = engine.name, engine.estimator
        try:
            fit_on(fitted, X, problem.target(rows), problem.groups)
        except SearchError as error:
            raise SearchError(f"{name}, all rows: {error}") from None
        sizes[name] = {k: float(v) for k, v in fitted.size_.items()}
        metrics = _procedure_metrics(comparison, name)
        interval = None
        if analysis.task == "regression":
            # too few groups carry no interval
            with suppress(HecsrError):
                interval = conformal_interval(
                    comparison.predictions, name, groups=_listed(problem)
                )
        chosen_in = comparison.choices[
            (comparison.choices["competitor"] == name)
            & (comparison.choices["scheme"] == comparison.main)
        ]["limit"]
        for point in fitted.front_:
            chosen = point.limit == fitted.limit_
            formula = point.formula.with_(
                provenance=_provenance(analysis, samples, engine, point.limit),
                domain=point.formula.domain.with_chemistry(samples.compositions),
                threshold=threshold,
            )
            if chosen:
                formula = formula.with_(
                    metrics={**formula.metrics, **metrics}, interval=interval
                )
            digits, rounding = _rounded(formula, X) if chosen else (_DIGITS, "")
            found.append(
                FormulaResult(
                    engine=name,
                    label=f"{engine.label}, {limited(point.limit, engine.limit_by)}",
                    limit=point.limit,
                    formula=formula,
                    chosen=chosen,
                    inner_error=point.error,
                    inner_se=point.error_se,
                    chosen_in_folds=float((chosen_in == point.limit).mean()),
                    limit_by=engine.limit_by,
                    digits=digits,
                    rounding=rounding,
                )
            )
    progress("formulas on all rows", len(engines), len(engines))
    return tuple(found), sizes, full


def _rounded(formula: Formula, X: pd.DataFrame) -> tuple[int, str]:
    """Return the digits to print, and what they change on the rows of the fit."""
    from hecsr.formula.rounding import fewest_digits, rounding_error

    digits = max(_DIGITS, fewest_digits(formula, X))
    return digits, str(rounding_error(formula, X, digits))


def _listed(problem: Problem) -> list[int] | None:
    return None if problem.groups is None else [int(g) for g in problem.groups]


def _procedure_metrics(comparison: Comparison, name: str) -> dict[str, float]:
    """Metrics of the engine's procedure: means over the folds of the main scheme."""
    scores = comparison.scores
    own = scores[
        (scores["competitor"] == name)
        & (scores["scheme"] == comparison.main)
        & (scores["fold"] >= 0)
    ]
    means = own.groupby("metric")["value"].mean()
    return {f"cv_{k}": float(v) for k, v in means.items() if np.isfinite(v)}


def _provenance(
    analysis: Analysis, samples: Samples, engine: Engine, limit: int
) -> Mapping[str, Any]:
    return {
        "analysis": analysis.name,
        "engine": engine.name,
        engine.limit_by: limit,
        "table": samples.summary.table,
        "data_sha256": samples.summary.sha256,
        "seed": analysis.seed,
        "hecsr": version("hecsr"),
    }
