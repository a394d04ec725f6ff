"""Stability: which descriptors and formulas other rows would have led to.

The whole procedure is repeated on every bootstrap of the rows: redundancy filter,
screening, search and the inner folds that choose the size of the formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError
from hecsr.validation.coefficient_spread import coefficient_spread
from hecsr.validation.decision import called_from
from hecsr.validation.forms import Forms, read_formula
from hecsr.validation.metrics import scores
from hecsr.validation.parts import Part, Runner, digest
from hecsr.validation.predicting import filled, fit_on, predicted
from hecsr.validation.recurrence import BOOTSTRAPS, Choice, recurrence
from hecsr.validation.resampling import Bootstrap, bootstraps_of

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.result import FormulaResult
    from hecsr.study.engines import Engine
    from hecsr.validation.compare import Comparison
    from hecsr.validation.decision import Decision
    from hecsr.validation.problem import Problem

PRIMARY: Final = {"regression": "mae", "classification": "balanced_accuracy"}


@dataclass(frozen=True, eq=False)
class Stability:
    """How often descriptors and formulas are chosen again.

    In the frames `over` is 'bootstraps', or the scheme over whose folds is counted,
    `n` the number of resamples with a formula, and `share` a share of these.
    `printed` marks what belongs to the formula that the report prints.

    Attributes
    ----------
    bootstraps
        How many were drawn.
    metric
        What `score` is: the mean absolute error in the target's unit, or the
        balanced accuracy.
    budgets
        With which budget each engine searched, in words.
    draws
        engine, bootstrap, limit, terms, variables, formula, constants, form, score,
        rows, distinct, out_of_bag, failure. The limit is in terms or operators,
        `constants` are the fitted numbers by name, `score` is of the rows out of the
        bag, `distinct` are the different rows in it, and `failure` says why a search
        found no formula.
    descriptors
        engine, over, name, family, printed, share, share_or_relative, relatives,
        kept, n. `relatives` correlate with it beyond 0.9 on all rows, or spoke for it
        where the redundancy filter took it out, and were chosen too; `kept` is the
        share of resamples in which the filter left it in.
    families
        engine, over, family, printed, share, n.
    terms
        engine, over, term, variables, printed, share, n. Terms are counted up to
        their coefficients.
    formulas
        engine, over, form, formula, variables, terms, printed, count, share, score,
        low, high, n. Up to the fitted numbers; `score` is the median out of the bag,
        `low` and `high` hold the middle 95 % (NaN over folds).
    sizes
        engine, over, limit, share, n.
    sets
        engine, over, what ('descriptors' or 'families'), value, low, high, n: the
        stability of the sets by :func:`hecsr.validation.set_stability.set_stability`
        with its 95 % interval, which folds, that share rows, do not have.
    coefficients
        engine, coefficient, value, standard_error, sd, low, high, same_sign, n: the
        printed form refitted to the bootstraps; `low` and `high` hold the middle
        95 %.
    """

    bootstraps: int
    metric: str
    budgets: Mapping[str, str]
    draws: pd.DataFrame
    descriptors: pd.DataFrame
    families: pd.DataFrame
    terms: pd.DataFrame
    formulas: pd.DataFrame
    sizes: pd.DataFrame
    sets: pd.DataFrame
    coefficients: pd.DataFrame


def stability(
    engines: Sequence[Engine],
    problem: Problem,
    comparison: Comparison,
    formulas: Sequence[FormulaResult] = (),
    *,
    bootstraps: int = 100,
    seed: int = 0,
    decision: Decision = "half",
    runner: Runner | None = None,
) -> Stability:
    """Count what is chosen over the folds of a comparison and over bootstraps.

    Parameters
    ----------
    engines
        Searched again with the budget of `Engine.repeated`, with a seed of each
        bootstrap's own.
    comparison
        Its `choices` are those over the folds, made with the full budget.
    formulas
        Those printed; of each engine the chosen one is looked for.
    bootstraps
        How many are drawn, of whole groups; 0 for the folds alone.
    decision
        As in :func:`hecsr.validation.compare.compare`.
    runner
        Does the searches; the result does not depend on it.

    Raises
    ------
    HecsrError
        If no bootstrap of the rows can be fitted.
    """
    from joblib import delayed

    runner = runner or Runner()
    drawn = bootstraps_of(problem, bootstraps, seed)
    parts, places = [], []
    for engine in engines:
        for one in drawn:
            said = (engine.name, engine.description, engine.light_words)
            key = (*said, digest(one.rows), one.number, seed, decision)
            call = delayed(_searched)(engine.repeated, problem, one, seed, decision)
            parts.append(Part(engine.name, key, call))
            places.append((engine.name, one))
    found = runner.run("bootstraps", parts)
    printed = {f.engine: f.formula for f in formulas if f.chosen}
    forms = Forms(problem.frame)
    # the printed writing comes first and so stands for its form
    wanted = {name: forms.form(f.expression) for name, f in printed.items()}
    choices = list(_of_folds(comparison, {e.name for e in engines}, forms))
    draws = []
    for (name, one), result in zip(places, found, strict=True):
        choice = _of_bootstrap(name, result, forms)
        if choice is not None:
            choices.append(choice)
        draws.append(_row(name, one, result, choice, forms))
    names = [e.name for e in engines]
    counted = recurrence(names, choices, forms, wanted, problem)
    return Stability(
        bootstraps=bootstraps,
        metric=PRIMARY[problem.task],
        budgets={e.name: e.light_words for e in engines},
        draws=_frame(draws),
        coefficients=coefficient_spread(printed, problem, drawn, runner),
        **counted,
    )


def _searched(
    estimator: Any, problem: Problem, one: Bootstrap, seed: int, decision: Decision
) -> dict[str, Any]:
    """Repeat the whole procedure on the rows in the bag; score those outside.

    The result is plain data. A search that fails is one of many, and is told.
    """
    from hecsr.formula.printers.text import to_text
    from hecsr.validation.compare import chosen_limit, filtered_columns

    try:
        filter_ = problem.filter_on(one.rows)
        X = problem.frame[list(filtered_columns(filter_))]
        model = _refitted(estimator, X, problem, one, seed)
        values = predicted(model, X.iloc[one.out], problem.task)
    except HecsrError as error:
        return {"failure": str(error)}
    if getattr(model, "interrupted_", False):
        # half a search would be counted as if it were a whole one
        raise KeyboardInterrupt
    inside = problem.y[one.rows]
    measured = scores(
        problem.task,
        problem.y[one.out],
        filled(values, float(inside.mean())),
        threshold=called_from(decision, float(inside.mean())),
    )
    formula = model.formula_
    return {
        "failure": "",
        "limit": chosen_limit(model),
        "variables": list(formula.names),
        "formula": to_text(formula.expression),
        "constants": {c.name: c.value for c in formula.coefficients},
        "removed": {d.name: d.kept for d in filter_.removed_},
        "score": float(measured[PRIMARY[problem.task]]),
    }


def _refitted(
    estimator: Any, X: pd.DataFrame, problem: Problem, one: Bootstrap, seed: int
) -> Any:
    from sklearn.base import clone

    model = clone(estimator)
    if "random_state" in model.get_params(deep=False):
        # a seed of its own: what another seed would choose is part of the question
        sequence = np.random.SeedSequence([seed, one.number, 1])
        model.set_params(random_state=int(sequence.generate_state(1)[0]))
    return fit_on(model, X.iloc[one.rows], problem.target(one.rows), one.groups)


def _of_folds(comparison: Comparison, engines: set[str], forms: Forms) -> list[Choice]:
    removed = {
        (r.scheme, r.split.repeat, r.split.fold): {d.name: d.kept for d in r.removed}
        for r in comparison.records
    }
    found = []
    for row in comparison.choices.to_dict("records"):
        if row["competitor"] not in engines or not isinstance(row["formula"], str):
            continue
        variables = tuple(row["variables"])
        found.append(
            Choice(
                engine=row["competitor"],
                over=row["scheme"],
                limit=int(row["limit"]),
                variables=variables,
                form=forms.form(read_formula(row["formula"], variables)),
                removed=removed[row["scheme"], row["repeat"], row["fold"]],
            )
        )
    return found


def _of_bootstrap(
    engine: str, result: Mapping[str, Any], forms: Forms
) -> Choice | None:
    if result["failure"]:
        return None
    variables = tuple(result["variables"])
    return Choice(
        engine=engine,
        over=BOOTSTRAPS,
        limit=result["limit"],
        variables=variables,
        form=forms.form(read_formula(result["formula"], variables)),
        removed=dict(result["removed"]),
        score=result["score"],
    )


def _row(
    engine: str,
    one: Bootstrap,
    result: Mapping[str, Any],
    choice: Choice | None,
    forms: Forms,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "engine": engine,
        "bootstrap": one.number,
        "rows": len(one.rows),
        "distinct": one.distinct,
        "out_of_bag": len(one.out),
        "failure": result["failure"],
        "score": float("nan"),
    }
    if choice is None:
        return row
    return row | {
        "limit": choice.limit,
        "terms": len(forms.forms[choice.form].terms),
        "variables": choice.variables,
        "formula": result["formula"],
        "constants": dict(result["constants"]),
        "form": choice.form,
        "score": choice.score,
    }


def _frame(draws: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    columns = [
        "engine", "bootstrap", "limit", "terms", "variables", "formula", "constants",
        "form", "score", "rows", "distinct", "out_of_bag", "failure",
    ]  # fmt: skip
    return pd.DataFrame(list(draws), columns=columns)
