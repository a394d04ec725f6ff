"""Score a given formula in the same folds as trivial guesses and rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr import baselines
from hecsr.baselines.published import published_estimator
from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import HecsrError, suggestion
from hecsr.formula.defined import reasons
from hecsr.formula.formula import Formula, Target, Task
from hecsr.formula.published.published import Published, read
from hecsr.result import Competitor, SetAside
from hecsr.scoring.contradictions import refuse_contradictions
from hecsr.scoring.doubts import doubts
from hecsr.scoring.inputs import Binding, Inputs, gather
from hecsr.scoring.outcome import (
    Folding,
    outside_of,
    predictions_of,
    scheme_of,
    table_of,
    verdicts_on,
)
from hecsr.scoring.rivals import RIVALS, rival, with_descriptors
from hecsr.scoring.target import target_in_unit
from hecsr.units import Unit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from hecsr.validation.compare import Comparison, Entrant

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Score:
    """What was found out about a formula.

    Attributes
    ----------
    table
        competitor, label, rows, and a column per metric. Metrics are of all held-out
        predictions of a repeat together, the AUC the mean over the folds; over
        repeats the mean. `rows` counts those with a prediction. Where a formula is
        undefined somewhere, its rivals stand there again, on its rows alone.
    predictions
        competitor, repeat, fold, position (row of the table given), observed,
        predicted, note (why there is no prediction).
    unit
        Of observed and predicted values.
    stated, fitted
        The formula in the columns of the table: as it is stated, and refitted on
        all rows; None where it was not asked for or cannot be.
    undefined
        Why the stated (or else the refitted) formula is undefined, by position of
        the row.
    outside
        Held-out rows of the first repeat outside the domain of the rows that the
        formula was refitted to, and how many were held out; None without a refit.
    verdicts
        Sentences on the formula beside each other competitor, by paired differences
        over the folds.
    doubts
        Sentences on what was probably not meant, as a unit that makes a rule say the
        same of every row.
    """

    published: Published
    task: Task
    table: pd.DataFrame
    predictions: pd.DataFrame
    unit: Unit
    inputs: Inputs
    scheme: str
    stated: Formula | None
    fitted: Formula | None
    undefined: Mapping[int, str]
    outside: tuple[int, int] | None
    verdicts: tuple[str, ...]
    doubts: tuple[str, ...]
    comparison: Comparison

    def __repr__(self) -> str:
        return f"Score({self.published.text})\n{self.table.to_string(index=False)}"

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """Rows that took no part, and why."""
        return self.inputs.set_aside


def score(
    formula: str | Published,
    frame: pd.DataFrame,
    y: ArrayLike,
    *,
    refit: bool = False,
    task: Task | None = None,
    binding: Binding | None = None,
    composition: str | None = "composition",
    target: str = "y",
    unit: str | None = None,
    rivals: str | Sequence[str] = (),
    folding: Folding | None = None,
    source: Mapping[str, str] | None = None,
    n_jobs: int | None = None,
) -> Score:
    """Compare a formula with the mean or the majority in grouped folds.

    Parameters
    ----------
    formula
        Name of a formula of the literature, or a text in hecsr's grammar.
    frame
        Columns of the table; variables that it lacks are computed from the column
        of compositions. Rows without a value of a variable are set aside.
    y
        Target of each row; classes 0 and 1.
    refit
        Also fit the formula's coefficients in each training fold, and on all rows.
    task
        Checked against the formula where it is given.
    binding
        Which column stands for which variable, units and given values.
    composition
        Column of compositions; a table without it is split row by row.
    target, unit
        Name and unit of `y`; by default that of the formula. Values are converted
        to the formula's unit.
    rivals
        Others that take part, of :data:`~hecsr.scoring.rivals.RIVALS`, or the name
        of one. They see the formula's variables and the descriptors of the
        composition.
    source
        What is known of the table, as its file and sha256: kept in the provenance
        of the formulas.
    n_jobs
        As joblib's; the result does not depend on it.

    Raises
    ------
    HecsrError
        If a name, unit or number is not as it must be, terms of unlike units are
        added in a formula that is not of the literature, or the rows are too few.
    """
    from hecsr.validation.compare import compare
    from hecsr.validation.folds import k_fold
    from hecsr.validation.parts import Runner
    from hecsr.validation.problem import make_problem

    binding, folding = binding or Binding(), folding or Folding()
    published = read(formula, [*binding.start])
    rivals = (rivals,) if isinstance(rivals, str) else tuple(rivals)
    _check(published, task, rivals)
    _check_frame(frame)
    refuse_contradictions(published, binding, refit=refit)
    task = published.task
    observed, of_y = target_in_unit(y, unit, published)
    if len(observed) != len(frame):
        raise HecsrError(f"{len(observed)} target values for {len(frame)} rows")
    inputs = gather(published, frame, binding, composition)
    goal = Target(target, label=published.quantity or target, unit=of_y)
    trials = _Trials(published, binding, goal, inputs.descriptors)
    table, descriptors = inputs.table, inputs.descriptors
    if rivals:
        table, descriptors, inputs = with_descriptors(inputs)
    if target in inputs.table.columns:
        raise HecsrError(f"the formula uses '{target}', which it is to predict")
    _refuse_alike(observed, inputs, task)
    observed = observed[inputs.positions]
    problem = make_problem(
        table,
        observed,
        task=task,
        groups=inputs.groups(frame, folding.groups),
        required=[str(c) for c in inputs.table.columns],
    )
    classes = observed.astype(np.int64) if task == "classification" else observed
    # on all rows first, so that what cannot be done is said before the folds
    stated = trials.on_all(inputs.table, classes, refit=False, optional=refit)
    if stated is not None:
        _refuse_undefined(stated, inputs)
    fitted = trials.on_all(inputs.table, classes, refit=True) if refit else None
    if fitted is not None:
        _refuse_undefined(fitted, inputs)
    splits = k_fold(
        classes,
        n_splits=folding.folds,
        n_repeats=folding.repeats,
        groups=problem.groups,
        stratified=task == "classification",
        seed=folding.seed,
    )
    entrants = trials.entrants(stated=stated is not None, refit=refit)
    entrants.append(_baseline(task))
    entrants += [rival(n, task, folding.seed, descriptors, goal) for n in rivals]
    comparison = compare(
        entrants, problem, [splits], seed=folding.seed, runner=Runner(n_jobs=n_jobs)
    )
    shown = stated if stated is not None else fitted
    assert shown is not None  # one of them was asked for
    columns = {str(n): inputs.table[n].to_numpy() for n in inputs.table}
    why = reasons(shown.expression, columns, shown.constants)
    about = {**(source or {}), "seed": folding.seed, "hecsr": version("hecsr")}
    return Score(
        published=published,
        task=task,
        table=table_of(comparison, task),
        predictions=predictions_of(comparison, inputs, why),
        unit=of_y,
        inputs=inputs,
        scheme=scheme_of(splits, inputs, folding),
        stated=_known(stated, published, inputs, {"fit": "as stated", **about}),
        fitted=_known(fitted, published, inputs, {"fit": "refitted", **about}),
        undefined={int(inputs.positions[i]): w for i, w in enumerate(why) if w},
        outside=outside_of(comparison) if refit else None,
        verdicts=verdicts_on(comparison, task, of_y),
        doubts=doubts(shown, columns, observed),
        comparison=comparison,
    )


@dataclass(frozen=True)
class _Trials:
    """The formula as a competitor: as it is stated, and refitted."""

    published: Published
    binding: Binding
    target: Target
    descriptors: tuple[Descriptor, ...]

    def estimator(self, *, refit: bool) -> Any:
        return published_estimator(
            self.published.task,
            self.published,
            refit=refit,
            columns=dict(self.binding.columns),
            given=dict(self.binding.given),
            start=dict(self.binding.start),
            target=self.target,
            descriptors=self.descriptors,
        )

    def on_all(
        self, X: pd.DataFrame, y: Any, *, refit: bool, optional: bool = False
    ) -> Formula | None:
        """Return the formula on all rows; None if `optional` and it has no values."""
        free = set(self.published.constants) - set(self.binding.given)
        if not refit and optional and free:
            return None
        formula: Formula = self.estimator(refit=refit).fit(X, y).formula_
        return formula

    def entrants(self, *, stated: bool, refit: bool) -> list[Entrant]:
        from hecsr.validation.compare import Entrant

        found = []
        for name, wanted in (("stated", stated), ("refitted", refit)):
            if not wanted:
                continue
            model = self.estimator(refit=name == "refitted")
            line = Competitor(name, model.label, "rule", model.description)
            found.append(Entrant(line, model, columns="all"))
        return found


def _check(published: Published, task: Task | None, rivals: Sequence[str]) -> None:
    if task not in {None, published.task}:
        msg = (
            f"the task is {task}, but {published.text} is for {published.task}: a "
            "comparison, a product of comparisons or logistic(...) tells classes, "
            "anything else gives a value"
        )
        raise HecsrError(msg)
    for name in rivals:
        if name not in RIVALS:
            raise HecsrError(f"no rival '{name}'; {suggestion(name, RIVALS)}")


def _check_frame(frame: Any) -> None:
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        msg = (
            f"the table is of type {type(frame).__name__}: give a pandas DataFrame, "
            "whose columns are the formula's variables by name"
        )
        raise HecsrError(msg)


def _refuse_alike(observed: Array, inputs: Inputs, task: Task) -> None:
    """Refuse rows whose targets are all alike because the others were set aside."""
    kept = observed[inputs.positions]
    if len(kept) == len(observed) or np.isnan(kept).any() or np.ptp(kept):
        return
    what = f"of class {kept[0]:g}" if task == "classification" else f"at {kept[0]:g}"
    why = "; ".join(f"{s.rows} row(s): {s.reason}" for s in inputs.set_aside)
    msg = (
        f"the formula is defined on {len(kept)} of {len(observed)} rows, all {what}: "
        f"there is nothing to learn. Set aside: {why}"
    )
    raise HecsrError(msg)


def _refuse_undefined(formula: Formula, inputs: Inputs) -> None:
    columns = {n: inputs.table[n].to_numpy() for n in formula.names}
    if not np.isnan(formula.evaluate(inputs.table)).all():
        return
    if np.isnan([*formula.constants.values()]).any():
        msg = (
            f"the rule is defined on {formula.n_samples} of {len(inputs.table)} rows, "
            "all of one class: no threshold can be fitted to them"
        )
        raise HecsrError(msg)
    first = {n: c[:1] for n, c in columns.items()}
    why = reasons(formula.expression, first, formula.constants)[0]
    msg = (
        f"the formula is undefined on every row; row {int(inputs.positions[0]) + 1} of "
        f"the table: {why}. Are the columns and their units those of the formula "
        "(--name, --unit)?"
    )
    raise HecsrError(msg)


def _known(
    formula: Formula | None,
    published: Published,
    inputs: Inputs,
    about: Mapping[str, Any],
) -> Formula | None:
    """Return a formula with the metals it was defined on, and where it comes from."""
    if formula is None:
        return None
    domain = formula.domain
    if inputs.compositions is not None:
        there = ~np.isnan(formula.evaluate(inputs.table))
        metals = [inputs.compositions[i] for i in np.flatnonzero(there)]
        domain = domain.with_chemistry(metals)
    text = {"name": published.name} if published.name else {}
    return formula.with_(
        domain=domain, provenance={"formula": published.text, **text, **about}
    )


def _baseline(task: Task) -> Entrant:
    from hecsr.validation.compare import Entrant

    classes = task == "classification"
    base = baselines.MajorityClass() if classes else baselines.MeanPredictor()
    return Entrant(
        Competitor("baseline", base.label, "baseline", base.description), base
    )
