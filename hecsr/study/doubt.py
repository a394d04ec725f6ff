"""Doubtful labels: what becomes of score and formula where one is turned over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import ConfigError, SearchError, suggestion
from hecsr.formula.printers.text import to_text
from hecsr.study.doubt_cases import (
    TOGETHER_KIND,
    Case,
    cases_of,
    places,
    splits_of,
    taken_so,
)
from hecsr.study.doubtful import Doubtful, find_doubtful
from hecsr.study.form_change import largest_shift, same_terms
from hecsr.validation.folds import Split, Splits
from hecsr.validation.parts import Part, digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.config import Analysis
    from hecsr.formula.formula import Formula
    from hecsr.result import FormulaResult
    from hecsr.study.engines import Engine
    from hecsr.validation.compare import Comparison
    from hecsr.validation.decision import Decision
    from hecsr.validation.parts import Runner
    from hecsr.validation.problem import Problem
    from hecsr.validation.store import Label

    Rows = NDArray[np.intp]

STAGE: Final = "doubtful labels"
ALL_ROWS: Final = "all rows"
UNCHANGED: Final = "labels as they are"
COLUMNS: Final = (
    "what", "kind", "label", "taken_as", "reports_1", "reports_0", "n", "score",
    "score_others", "before_others", "same_terms", "shift", "changed", "formula",
    "score_low", "score_high", "others_low", "others_high",
)  # fmt: skip

_HELD: Final = ("sample", "observed", "predicted", "threshold")


@dataclass(frozen=True, eq=False)
class Doubts:
    """The doubtful labels, and the engine whose search is repeated for each.

    `problem` holds the rows of the analysis and those without a label.
    """

    engine: Engine
    problem: Problem
    doubtful: tuple[Doubtful, ...]


def find_doubts(
    analysis: Analysis, engines: Sequence[Engine], base: Path, output: Path
) -> Doubts | None:
    """Return what the analysis doubts; None if it has no section on it.

    Parameters
    ----------
    base, output
        As for :func:`hecsr.study.rows.read_rows`.

    Raises
    ------
    ConfigError
        If the analysis is no classification, does not run the engine, or names no
        table of reports.
    """
    from sklearn.base import clone

    if analysis.doubt is None:
        return None
    if analysis.task != "classification":
        raise ConfigError("[doubt] turns class labels over; this is a regression")
    name = analysis.doubt.engine
    for engine in engines:
        if engine.name == name:
            problem, doubtful = find_doubtful(analysis, base, output)
            # an element of unlabelled rows alone brings a descriptor of its own
            described = clone(engine.estimator)
            described.set_params(descriptors=problem.descriptors)
            return Doubts(replace(engine, estimator=described), problem, doubtful)
    hint = suggestion(name, [e.name for e in engines])
    raise ConfigError(f"'doubt.engine' is '{name}', which does not run here; {hint}")


def expect_doubts(runner: Runner, doubts: Doubts, folds: int) -> None:
    """Announce the searches to come, so that the time left counts them.

    Parameters
    ----------
    folds
        Of the first repeat of the main scheme.
    """
    name = doubts.engine.name
    n = len(cases_of(doubts.doubtful)) * (folds + 1)
    runner.expect(STAGE, name, n, like=("comparison", name))


def doubt_labels(
    analysis: Analysis,
    doubts: Doubts,
    comparison: Comparison,
    formulas: Sequence[FormulaResult],
    runner: Runner,
) -> pd.DataFrame:
    """Repeat the engine's whole procedure with each doubtful label turned over.

    A label that a report contradicts is flipped. A row without a label, for its
    reports disagree, enters once as 0 and once as 1. At last all are turned over at
    once, but for those that unreliable reports alone contradict. The folds are those
    of the first repeat of the main scheme; a row that enters joins the fold with the
    fewest of its class. The labels as they are need no fit: they are the comparison's
    own.

    Parameters
    ----------
    runner
        Does the fits, each a part that is kept; the result does not depend on it.

    Returns
    -------
    DataFrame
        One row per case, the first for the labels as they are: what (composition),
        kind, label, taken_as (NaN where several differ), reports_1 and reports_0 (the
        sources that say single-phase, or not, with their quality), n (rows scored),
        score (balanced accuracy of all held-out rows together), score_others and
        before_others (that of the rows that are not turned over, with the change and
        before it), same_terms (whether the formula on all rows has the same terms),
        shift (largest change of a coefficient of the same terms, in its standard
        errors before), changed (other rows of which another class is called),
        formula, and the 95 % bootstrap intervals of score and score_others.
    """
    import pandas as pd

    engine, problem, doubtful = doubts.engine, doubts.problem, doubts.doubtful
    before = _held_before(comparison, engine.name, doubtful)
    folds = _parts_before(comparison, doubtful)
    (plain,) = [f.formula for f in formulas if f.chosen and f.engine == engine.name]
    cases = cases_of(doubtful)
    parts: list[Part] = []
    splits: list[int] = []
    for case in cases:
        turned = taken_so(problem, case)
        held_out = splits_of(case, turned, folds)
        splits.append(len(held_out))
        said: tuple[Label, ...] = (
            *(engine.name, engine.description, analysis.seed),
            *(case.what, case.kind, str(case.taken_as)),
        )
        parts.append(_part_on_all(said, engine, turned, held_out, plain))
        parts += [
            _part_of_fold(said, engine, turned, split, analysis) for split in held_out
        ]
    found = iter(runner.run(STAGE, parts))
    groups = problem.groups
    lines = [_line_before(before, plain, groups)]
    for case, n in zip(cases, splits, strict=True):
        on_all = next(found)
        held = pd.concat([pd.DataFrame(next(found)) for _ in range(n)])
        held = held.set_index("sample")
        lines.append(_line(case, held, before, on_all, groups))
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _held_before(
    comparison: Comparison, name: str, doubtful: Sequence[Doubtful]
) -> pd.DataFrame:
    """Return the engine's held-out calls with the labels as they are."""
    held = comparison.predictions
    own = held[
        (held["scheme"] == comparison.main)
        & (held["competitor"] == name)
        & (held["repeat"] == 0)
    ]
    place = places(len(comparison.problem.y), doubtful)
    own = own.assign(sample=place[own["sample"].to_numpy()])
    return own.set_index("sample").sort_index()


def _parts_before(comparison: Comparison, doubtful: Sequence[Doubtful]) -> list[Rows]:
    """Return the held-out rows of each fold of the first repeat."""
    place = places(len(comparison.problem.y), doubtful)
    splits = [r.split for r in comparison.main_records() if r.split.repeat == 0]
    return [place[s.test] for s in splits]


def _part_of_fold(
    said: tuple[Label, ...],
    engine: Engine,
    problem: Problem,
    split: Split,
    analysis: Analysis,
) -> Part:
    from joblib import delayed

    decision = analysis.validation.decided
    rows = digest(problem.y, split.train, split.test)
    key = (*said, rows, split.fold, decision)
    call = delayed(_held_out)(engine, problem, split, analysis.seed, decision)
    return Part(engine.name, key, call)


def _part_on_all(
    said: tuple[Label, ...],
    engine: Engine,
    problem: Problem,
    splits: Sequence[Split],
    plain: Formula,
) -> Part:
    from joblib import delayed

    rows = np.sort(np.concatenate([s.test for s in splits]))
    # the change is told against the formula of the labels as they are
    numbers = [(c.value, c.standard_error or 0.0) for c in plain.coefficients]
    against = (to_text(plain.expression), digest(numbers))
    key = (*said, digest(problem.y[rows], rows), ALL_ROWS, *against)
    call = delayed(_on_all)(engine, problem, rows, plain)
    return Part(engine.name, key, call)


def _held_out(
    engine: Engine, problem: Problem, split: Split, seed: int, decision: Decision
) -> dict[str, list[float]]:
    """Return an engine's predictions of one fold, as the comparison makes them."""
    from hecsr.result import Competitor, Scheme
    from hecsr.validation.compare import Entrant, compare
    from hecsr.validation.parts import Runner

    competitor = Competitor(engine.name, engine.label, "formula", "", engine.name)
    scheme = Splits(Scheme("doubt", "Doubtful labels", "", 1), (split,))
    held = compare(
        [Entrant(competitor, engine.estimator)],
        problem,
        [scheme],
        seed=seed,
        decision=decision,
        runner=Runner(n_jobs=1),
        keep_models=False,
    ).predictions
    own = held[held["competitor"] == engine.name]
    return {name: own[name].tolist() for name in _HELD}


def _on_all(
    engine: Engine, problem: Problem, rows: Rows, plain: Formula
) -> dict[str, Any]:
    """Say what formula the engine chooses on all rows of a case, and what is new."""
    from sklearn.base import clone

    from hecsr.validation.compare import filtered_columns
    from hecsr.validation.predicting import fit_on

    X = problem.frame[list(filtered_columns(problem.filter_on(rows)))].iloc[rows]
    groups = None if problem.groups is None else problem.groups[rows]
    try:
        fitted = fit_on(clone(engine.estimator), X, problem.target(rows), groups)
    except SearchError as error:
        raise SearchError(f"{engine.name}, a doubtful label: {error}") from None
    if getattr(fitted, "interrupted_", False):
        # half a search would be told as if it were a whole one
        raise KeyboardInterrupt
    formula: Formula = fitted.formula_
    same = same_terms(formula, plain)
    return {
        "same_terms": same,
        "shift": largest_shift(formula, plain) if same else float("nan"),
        "formula": formula.to_text(),
    }


def _line_before(
    before: pd.DataFrame, plain: Formula, groups: Rows | None
) -> dict[str, Any]:
    score = _score(before)
    low, high = _interval(before, groups)
    return {
        "what": UNCHANGED, "kind": "", "label": np.nan, "taken_as": np.nan,
        "reports_1": "", "reports_0": "", "n": len(before), "score": score,
        "score_others": score, "before_others": score, "same_terms": True,
        "shift": 0.0, "changed": 0, "formula": plain.to_text(),
        "score_low": low, "score_high": high, "others_low": low, "others_high": high,
    }  # fmt: skip


def _line(
    case: Case,
    held: pd.DataFrame,
    before: pd.DataFrame,
    on_all: dict[str, Any],
    groups: Rows | None,
) -> dict[str, Any]:
    others = before.index.difference(list(case.taken))
    now, then = held.loc[others], before.loc[others]
    single = case.doubtful[0] if case.kind != TOGETHER_KIND else None
    low, high = _interval(held, groups)
    others_low, others_high = _interval(now, groups)
    return {
        "what": case.what,
        "kind": case.kind,
        "label": np.nan if single is None or single.label is None else single.label,
        "taken_as": case.taken_as,
        "reports_1": "" if single is None else single.reports_1,
        "reports_0": "" if single is None else single.reports_0,
        "n": len(held),
        "score": _score(held),
        "score_others": _score(now),
        "before_others": _score(then),
        "same_terms": on_all["same_terms"],
        "shift": on_all["shift"],
        "changed": int(np.sum(_called(now) != _called(then))),
        "formula": on_all["formula"],
        "score_low": low,
        "score_high": high,
        "others_low": others_low,
        "others_high": others_high,
    }


def _called(held: pd.DataFrame) -> NDArray[np.bool_]:
    return (held["predicted"] >= held["threshold"]).to_numpy(dtype=bool)


def _score(held: pd.DataFrame) -> float:
    from hecsr.validation.metrics import scores

    found = scores(
        "classification",
        held["observed"].to_numpy(),
        held["predicted"].to_numpy(),
        threshold=held["threshold"].to_numpy(),
    )
    return found["balanced_accuracy"]


def _interval(held: pd.DataFrame, groups: Rows | None) -> tuple[float, float]:
    """Return the ends of the 95 % bootstrap interval of the balanced accuracy."""
    from hecsr.validation.bootstrap import bootstrap_intervals

    plain = held.reset_index().assign(scheme="doubt", competitor="engine")
    found = bootstrap_intervals(plain, "classification", groups=groups)
    own = found[found["metric"] == "balanced_accuracy"]
    if not len(own):
        return np.nan, np.nan
    return float(own["low"].iloc[0]), float(own["high"].iloc[0])
