"""Terms shared with further families and properties, and whether these help."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import SearchError
from hecsr.formula.expression import Binary, Constant, Expression
from hecsr.formula.formula import summands
from hecsr.formula.printers.text import to_text
from hecsr.result import Competitor, MultiTaskResult, SharedTask
from hecsr.study.lending import (
    ClassesWithCompanions,
    Lent,
    NumbersWithCompanions,
    held_out_metals,
)
from hecsr.study.schemes import schemes as make_schemes
from hecsr.study.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from hecsr.config import Analysis
    from hecsr.formula.formula import Formula, Target
    from hecsr.study.samples import Samples
    from hecsr.validation.compare import Entrant
    from hecsr.validation.folds import Splits
    from hecsr.validation.parts import Runner
    from hecsr.validation.problem import Problem

ALONE: Final = "alone"
COMPANIONS: Final = "companions"
STAGE: Final = "with companions"
COLUMNS: Final = (
    "task", "coefficient", "term", "value", "standard_error", "unit", "rows",
)  # fmt: skip


def expect_sharing(runner: Runner, analysis: Analysis, samples: Samples) -> None:
    """Announce the searches to come, so that the time left counts them."""
    folds = sum(len(scheme) for scheme in _schemes(analysis, samples))
    # alone is a fit of the comparison; with companions every task is screened
    for name, times in ((ALONE, 1), (COMPANIONS, 1 + len(_asked(analysis).labels))):
        runner.expect(STAGE, name, folds, like=("comparison", "sisso"), times=times)


def share_terms(
    analysis: Analysis,
    tasks: Tasks | None,
    samples: Samples,
    problem: Problem,
    metric: str,
    runner: Runner,
) -> MultiTaskResult | None:
    """Search alone and with companions, in the folds of the comparison.

    The folds are those of the main scheme, and of what the section leaves out one at
    a time. Both searches see the same descriptors, those that all tasks have and that
    the redundancy filter keeps on the training rows of the analysis. A companion row
    with the set of metals of a row held out is not trained on.

    Returns
    -------
    MultiTaskResult
        None where the analysis has no companions.

    Raises
    ------
    SearchError
        If a search fails.
    """
    if tasks is None:
        return None
    from hecsr.validation.compare import compare
    from hecsr.validation.significance import significance

    shared = _with_shared(problem, tasks)
    schemes = _schemes(analysis, samples)
    entrants = _entrants(analysis, tasks, samples)
    comparison = compare(
        entrants,
        shared,
        schemes,
        seed=analysis.seed,
        decision=analysis.validation.decided,
        runner=runner,
        keep_models=False,
        stage=STAGE,
    )
    fitted = _on_all_rows(entrants[1], shared)
    return MultiTaskResult(
        tasks=_shared_tasks(analysis, tasks, samples, fitted),
        competitors=tuple(e.competitor for e in entrants),
        schemes=tuple(s.scheme for s in schemes),
        scores=_of_both(comparison.scores),
        predictions=_of_both(comparison.predictions),
        significance=significance(comparison, metric, seed=analysis.seed),
        left_out=_left_out(tasks, schemes),
        coefficients=_coefficients(fitted.search_.formulas_),
        min_per_class=_asked(analysis).min_per_class,
        lacking=tasks.left_out,
        as_compared=_as_compared(analysis, tasks),
    )


def _asked(analysis: Analysis) -> Any:
    assert analysis.multitask is not None
    return analysis.multitask


def _with_shared(problem: Problem, tasks: Tasks) -> Problem:
    """Return the problem with the descriptors that all tasks have."""
    names = set(tasks.shared)
    return replace(
        problem,
        frame=problem.frame[list(tasks.shared)],
        descriptors=tuple(d for d in problem.descriptors if d.name in names),
        extra=None,
        required=tuple(n for n in problem.required if n in names),
    )


def _schemes(analysis: Analysis, samples: Samples) -> list[Splits]:
    """Return the main scheme, and what this section leaves out one at a time."""
    changes = {
        "leave_one_out": _asked(analysis).leave_one_out,
        "metals_up_to": [],
        "years_up_to": [],
    }
    validation = analysis.validation.model_copy(update=changes)
    asked = analysis.model_copy(update={"validation": validation})
    return make_schemes(asked, replace(samples, subsets={}))


def _settings(analysis: Analysis) -> dict[str, Any]:
    """Return the settings of both searches: those of SISSO, but what is changed."""
    asked, sisso = _asked(analysis), analysis.engines.sisso
    assert sisso is not None
    given = {n: getattr(asked, n) for n in ("terms", "rungs", "complexity", "screened")}
    changed = {name: value for name, value in given.items() if value is not None}
    # models of several tasks are not refined
    return sisso.model_dump() | changed | {"beam": 0}


def _as_compared(analysis: Analysis, tasks: Tasks) -> bool:
    sisso = analysis.engines.sisso
    assert sisso is not None
    return sisso.model_dump() == _settings(analysis) and not tasks.left_out


def _entrants(analysis: Analysis, tasks: Tasks, samples: Samples) -> list[Entrant]:
    from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
    from hecsr.search.sisso.multitask import SissoMultiTask
    from hecsr.search.sisso.multitask_classes import SissoMultiTaskClassifier
    from hecsr.search.sisso.space import Budget, SearchSpace
    from hecsr.validation.compare import Entrant

    own = _settings(analysis)
    shared: dict[str, Any] = {
        "space": SearchSpace(
            operators=tuple(own["operators"]),
            rungs=own["rungs"],
            max_complexity=own["complexity"],
        ),
        "budget": Budget(sis=own["screened"], max_candidates=own["max_candidates"]),
        "max_terms": own["terms"],
        "n_residuals": own["residuals"],
        "inner_folds": own["inner_folds"],
        "descriptors": samples.table.descriptors,
        "random_state": analysis.seed,
    }
    targets: dict[Any, Target] = {t.label: t.target for t in tasks.others}
    targets[tasks.own] = samples.target
    alone: Any
    together: Any
    if analysis.task == "classification":
        alone, together = SissoClassifier, ClassesWithCompanions
        search: Any = SissoMultiTaskClassifier(
            min_per_class=_asked(analysis).min_per_class, target=targets, **shared
        )
    else:
        alone, together = SissoRegressor, NumbersWithCompanions
        search = SissoMultiTask(target=targets, **shared)  # type: ignore[arg-type]
    words = (
        f"features of up to {own['complexity']} operations on {own['rungs']} rungs of "
        f"{' '.join(own['operators'])}; {own['screened']} kept per screening, up to "
        f"{own['terms']} terms, chosen by {own['inner_folds']} inner folds"
    )
    lent = _lent(tasks)
    counted = ", ".join(
        f"{t.label} ({len(t.y)} rows of weight {t.weight:.3g})" for t in tasks.others
    )
    return [
        Entrant(
            Competitor(ALONE, f"SISSO on {tasks.own} alone", "formula", words),
            alone(target=samples.target, **shared),
        ),
        Entrant(
            Competitor(
                COMPANIONS,
                "SISSO with companions",
                "formula",
                f"{words}; the terms serve {counted} too",
            ),
            together(search=search, lent=lent, own=tasks.own, metals=tasks.metals),
        ),
    ]


def _lent(tasks: Tasks) -> Lent:
    import pandas as pd

    others = tasks.others
    return Lent(
        frame=pd.concat([t.frame for t in others], ignore_index=True)[
            list(tasks.shared)
        ],
        y=np.concatenate([t.y for t in others]),
        tasks=np.array([t.label for t in others for _ in t.y], dtype=object),
        metals=tuple(m for t in others for m in t.metals),
        weights=np.concatenate([np.full(len(t.y), t.weight) for t in others]),
        numbers=tuple(t.label for t in others if t.kind == "regression"),
    )


def _on_all_rows(entrant: Entrant, problem: Problem) -> Any:
    from sklearn.base import clone

    from hecsr.validation.compare import filtered_columns
    from hecsr.validation.predicting import fit_on

    rows = np.arange(len(problem.y))
    X = problem.frame[list(filtered_columns(problem.filter_on(rows)))]
    try:
        return fit_on(clone(entrant.estimator), X, problem.target(rows), problem.groups)
    except SearchError as error:
        raise SearchError(f"{entrant.competitor.label}, all rows: {error}") from None


def _shared_tasks(
    analysis: Analysis, tasks: Tasks, samples: Samples, fitted: Any
) -> tuple[SharedTask, ...]:
    classes = analysis.task == "classification"
    formulas = fitted.search_.formulas_
    screened = fitted.search_.scored_tasks_ if classes else fitted.search_.tasks_
    found = [
        SharedTask(
            label=tasks.own,
            table=samples.summary.table,
            target=samples.target,
            kind=analysis.task,
            rows=len(samples.y),
            second=int(samples.y.sum()) if classes else None,
            weight=1.0,
            role="own",
            set_aside=(),
            formula=formulas[tasks.own],
        )
    ]
    for t in tasks.others:
        silent = t.kind == "classification" and not np.ptp(t.y)
        role: Any = "searched" if t.label in screened else "lends"
        found.append(
            SharedTask(
                label=t.label,
                table=t.table,
                target=t.target,
                kind=t.kind,
                rows=len(t.y),
                second=int(t.y.sum()) if t.kind == "classification" else None,
                weight=t.weight,
                role="silent" if silent else role,
                set_aside=t.set_aside,
                formula=formulas[t.label],
            )
        )
    return tuple(found)


def _left_out(tasks: Tasks, schemes: Sequence[Splits]) -> pd.DataFrame:
    """Count the companion rows that each fold does without."""
    import pandas as pd

    lent = _lent(tasks)
    found = [
        {
            "scheme": scheme.scheme.name,
            "repeat": split.repeat,
            "fold": split.fold,
            "rows": int((~lent.free(held_out_metals(tasks.metals, split.train))).sum()),
        }
        for scheme in schemes
        for split in scheme
    ]
    return pd.DataFrame(found)


def _coefficients(formulas: Mapping[Any, Formula]) -> pd.DataFrame:
    import pandas as pd

    found = []
    for label, formula in formulas.items():
        terms = _terms(formula)
        for one in formula.coefficients:
            what = terms.get(one.name)
            error = one.standard_error
            found.append(
                {
                    "task": label,
                    "coefficient": one.name,
                    "term": "" if what is None else to_text(what),
                    "value": one.value,
                    "standard_error": np.nan if error is None else error,
                    "unit": one.unit.text,
                    "rows": formula.n_samples,
                }
            )
    return pd.DataFrame(found, columns=list(COLUMNS))


def _terms(formula: Formula) -> dict[str, Expression]:
    """Return what each coefficient multiplies."""
    return {
        part.left.name: part.right
        for part in summands(formula.linear_predictor)
        if isinstance(part, Binary)
        and part.operator == "*"
        and isinstance(part.left, Constant)
    }


def _of_both(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the points of the front of the search alone."""
    kept = frame["competitor"].isin([ALONE, COMPANIONS])
    return frame[kept].reset_index(drop=True)
