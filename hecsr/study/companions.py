"""Columns for rules alone: looked up by composition, or given by a fitted formula."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.composition import ROUNDING, Composition
from hecsr.config import Analysis, Companion, Data, Validation
from hecsr.config_engines import Engines
from hecsr.descriptors.catalogue import catalogue
from hecsr.errors import ConfigError, SearchError
from hecsr.formula.predict import predict
from hecsr.progress import Report, silent
from hecsr.study.engines import engines
from hecsr.study.rows import look_up, read_rows
from hecsr.study.samples import Samples, make_samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.formula.formula import Formula

    Array = NDArray[np.float64]

_MOST_KINDS: Final = 4
"""More kinds of compositions than this are counted instead of listed."""


@dataclass(frozen=True, eq=False)
class PredictedColumn:
    """What a formula of another table gives for the compositions of an analysis.

    Attributes
    ----------
    engine
        The engine's name as it is printed.
    values
        One per composition, NaN where the formula is undefined.
    places
        'inside', 'edge' or 'outside' of what the formula was fitted to, or
        'undefined'.
    compositions
        Those that it was fitted to.
    left_out
        Rows of the table not fitted to, for their metals occur in the analysis.
    error, error_of_mean
        Root of the mean squared error of the search, and of the mean alone, in its
        inner folds; None without inner folds.
    """

    engine: str
    formula: Formula
    values: Array
    places: tuple[str, ...]
    compositions: tuple[Composition, ...]
    left_out: int
    error: float | None
    error_of_mean: float | None


def with_companions(
    analysis: Analysis,
    samples: Samples,
    *,
    n_jobs: int | None = None,
    progress: Report = silent,
) -> Samples:
    """Return the samples with the columns that only rules see, and notes on them.

    Raises
    ------
    ConfigError
        If two companions have one name, a table lacks the column or holds two values
        of a composition, or an engine that is to predict is not set up.
    SearchError
        If no formula can be fitted to a companion's table.
    """
    import pandas as pd

    asked = analysis.data.companions
    names = [c.called for c in asked]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        msg = f"'data.companions' has two columns named {', '.join(twice)}"
        raise ConfigError(f"{msg}; give one of them another 'name'")
    columns: dict[str, Any] = {}
    notes: list[str] = []
    for companion in asked:
        known = look_up(
            samples.compositions, companion.table, companion.column, companion.select
        )
        if companion.predicted_by is None:
            columns[companion.called] = known
            continue
        stage = f"formula of {companion.column}"
        progress(stage, 0, 1)
        found = predict_column(analysis, companion, samples.compositions, n_jobs)
        progress(stage, 1, 1)
        columns[companion.called] = found.values
        notes += _notes(companion, found, samples.compositions, np.array(known))
    frame = pd.DataFrame(columns, index=range(len(samples.compositions)))
    summary = replace(samples.summary, notes=(*samples.summary.notes, *notes))
    return replace(samples, companions=frame, summary=summary)


def predict_column(
    analysis: Analysis,
    companion: Companion,
    compositions: Sequence[Composition],
    n_jobs: int | None = None,
) -> PredictedColumn:
    """Fit a formula to the rest of a companion's table; evaluate it here.

    The engine, its settings, the descriptors and the seed are the analysis' own. Rows
    of the table with the metals and the family of any of the `compositions` are left
    out, whatever their amounts. So neither a label of the analysis nor the column's
    value of any composition in it enters the fit: it needs no repetition in each
    fold, and leaks nothing into a held-out row.

    Raises
    ------
    ConfigError, SearchError
        As :func:`with_companions`.
    """
    from sklearn.base import clone

    from hecsr.validation.compare import filtered_columns
    from hecsr.validation.predicting import fit_on
    from hecsr.validation.problem import make_problem

    own = _analysis_of(analysis, companion)
    # a shipped table: no folder is read from or written to
    rows = read_rows(own, Path(), Path())
    taken = {_chemistry(c) for c in compositions}
    free = [_chemistry(c) not in taken for c in rows.compositions]
    left_out = free.count(False)
    if not any(free):
        msg = f"every row of '{companion.table}' has the metals of a composition here"
        raise SearchError(f"'{companion.called}' cannot be predicted: {msg}")
    rows.keep(free, "its metals are those of a composition of the analysis")
    samples = make_samples(own, rows)
    problem = make_problem(
        samples.table,
        samples.y,
        task="regression",
        groups=samples.groups,
        threshold=own.descriptors.redundancy,
        required=own.descriptors.required,
    )
    every = np.arange(len(problem.y))
    X = problem.frame[list(filtered_columns(problem.filter_on(every)))]
    (engine,), _ = engines(own, samples)
    model = clone(engine.estimator)
    if n_jobs is not None and "n_jobs" in model.get_params(deep=False):
        model.set_params(n_jobs=n_jobs)
    try:
        fit_on(model, X, problem.target(every), problem.groups)
    except SearchError as error:
        raise SearchError(f"'{companion.called}', {engine.name}: {error}") from None
    formula: Formula = model.formula_
    formula = formula.with_(domain=formula.domain.with_chemistry(samples.compositions))
    predicted = predict(formula, compositions)
    errors = {p.limit: p.error for p in model.front_}
    return PredictedColumn(
        engine=engine.label,
        formula=formula,
        values=predicted["value"].to_numpy(dtype=np.float64),
        places=tuple(str(place) for place in predicted["domain"]),
        compositions=samples.compositions,
        left_out=left_out,
        error=_root(errors[model.limit_]),
        error_of_mean=_root(errors[model.front_[0].limit]),
    )


def _analysis_of(analysis: Analysis, companion: Companion) -> Analysis:
    """Return the small regression that a predicted companion stands for."""
    name = str(companion.predicted_by)
    settings = getattr(analysis.engines, name)
    if settings is None:
        msg = f"'data.companions' predicts '{companion.called}' by {name}"
        raise ConfigError(f"{msg}, which has no settings: add [engines.{name}]")
    asked = analysis.descriptors
    # columns that a user supplies are not known of another table
    required = [n for n in asked.required if n in catalogue()]
    changes = {
        "task": "regression",
        "data": Data(
            table=companion.table,
            target=companion.column,
            select=companion.select,
            on_missing="set_aside",
        ),
        "descriptors": asked.model_copy(update={"required": required}),
        "validation": Validation(),
        "engines": Engines(**{name: settings}),
    }
    return analysis.model_copy(update=changes)


def _chemistry(composition: Composition) -> tuple[str, frozenset[str]]:
    return composition.family, frozenset(composition.fractions)


def _root(error: float | None) -> float | None:
    return None if error is None else float(np.sqrt(error))


def _notes(
    companion: Companion,
    found: PredictedColumn,
    compositions: Sequence[Composition],
    known: Array,
) -> list[str]:
    """Say which formula it is, how well it predicts, and how far it is stretched."""
    formula, n = found.formula, len(compositions)
    unit = formula.target.unit.text
    in_unit = "" if unit == "1" else f" {unit}"
    fitted = (
        f"{companion.called} is {companion.column} from a formula: "
        f"{formula.target.name} = {formula.to_text()}"
        f"{in_unit and f', in{in_unit}'}. It was found by "
        f"{found.engine} on {len(found.compositions)} rows of the table "
        f"{companion.table}, once and before the comparison; no label enters. "
        f"{found.left_out} rows of that table with the metals of a composition "
        "compared here were left out."
    )
    said = []
    if found.error is not None and found.error_of_mean is not None:
        said.append(
            f"root-mean-square error {found.error:.3g}{in_unit} in its inner folds, of "
            f"the mean alone {found.error_of_mean:.3g}{in_unit}"
        )
    both = np.isfinite(known) & np.isfinite(found.values)
    if both.any():
        gap = (found.values - known)[both]
        said.append(
            f"root-mean-square error {np.sqrt(np.mean(gap**2)):.3g}{in_unit} (mean "
            f"{gap.mean():+.3g}{in_unit}) on the {both.sum()} compositions compared "
            f"here of which {companion.column} is known"
        )
    errors = "; ".join(said) or "unknown, without inner folds"
    kinds = {_kind(c) for c in found.compositions}
    listed = sorted(kinds) if len(kinds) <= _MOST_KINDS else [f"{len(kinds)} kinds"]
    alike = sum(_kind(c) in kinds for c in compositions)
    counted = ", ".join(
        f"{found.places.count(place)} {words}"
        for place, words in (
            ("inside", "inside what it was fitted to"),
            ("edge", "at the edge of it"),
            ("outside", "outside"),
            ("undefined", "where it is undefined"),
        )
    )
    reach = (
        f"Of the {n} compositions compared here {alike} are of the kind that the "
        f"formula of {companion.column} was fitted to ({'; '.join(listed)}) and "
        f"{n - alike} are not. By its variables, elements and families: {counted}; "
        "values outside are kept as they are."
    )
    return [fitted, f"Error of that formula: {errors}.", reach]


def _kind(composition: Composition) -> str:
    amounts = composition.fractions.values()
    even = max(amounts) - min(amounts) <= ROUNDING
    share = "equimolar" if even else "not equimolar"
    return f"{composition.family} of {composition.n_metals} metals, {share}"
