"""Whether a formula is the law that was planted, and how far it is from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from hecsr.errors import SearchError
from hecsr.formula.formula import Target
from hecsr.formula.nonlinear import Form, fit_form

if TYPE_CHECKING:
    from planted import Table
    from workloads import Array

    from hecsr.formula.formula import Formula

EXACT: Final = 1e-4
"""Largest difference from a law found without noise, over its standard deviation."""
FORM: Final = 1e-3
"""The same, of a form whose constants were fitted to the law itself."""
NEAR: Final = {"regression": 0.99, "classification": 0.95}
"""Least R2 on fresh samples of a formula that is near a law; of classes that of the
probability, which a hundred labels do not fix better."""

Verdict = Literal["recovered", "in front", "near", "missed", "failed"]


@dataclass(frozen=True)
class Nearness:
    """How far a formula is from the law on fresh samples.

    Attributes
    ----------
    r2
        Share of the law's variance that it explains; of classes, of the variance of
        the probability. None where the law does not vary.
    excess
        Mean square of the difference; of classes this is the Brier score above the
        lowest that is possible.
    accuracy, possible
        Share of labels that the likelier class gets right, and the highest there
        can be; None for numbers.
    undefined
        Share of the fresh samples on which the formula has no value; the mean of the
        samples stands in there.
    """

    r2: float | None
    excess: float
    accuracy: float | None
    possible: float | None
    undefined: float


def silent(formula: Formula) -> bool:
    """Whether a formula says nothing but the mean."""
    return not formula.names


def pure(formula: Formula, table: Table) -> bool:
    """Whether a formula holds variables of the law, and no other."""
    return bool(formula.names) and table.law.names.issuperset(formula.names)


def is_law(formula: Formula, table: Table, noise: float) -> bool:
    """Whether a formula is the law.

    Without noise a formula of numbers must agree with the law; otherwise it must do
    so once its constants are fitted to the law. No irrelevant variable may stand in
    it. Where there is no law it must be silent.
    """
    if table.law.expression is None:
        return silent(formula)
    if not pure(formula, table):
        return False
    if noise == 0 and table.law.task == "regression":
        return _apart(formula.evaluate(table.fresh), table) <= EXACT
    return contains_law(formula, table)


def contains_law(formula: Formula, table: Table) -> bool:
    """Whether the form, with constants fitted to the law itself, agrees with it.

    The constants are fitted to 2,000 samples without noise, and compared on 10,000
    others. Of classes the scores inside the logistic links are compared.
    """
    law = table.law
    form = Form(formula.linear_predictor, formula.constants)
    try:
        fitted = fit_form(
            form,
            table.refit,
            law.score(table.refit),
            task="regression",
            target=Target("score"),
            descriptors={d.name: d for d in law.descriptors},
        )
    except SearchError:
        # undefined on samples on which the law is not
        return False
    return _apart(fitted.evaluate(table.fresh), table) <= FORM


def nearness(formula: Formula, table: Table) -> Nearness:
    """Compare a formula with the law on the fresh samples."""
    truth = table.law.value(table.fresh)
    value = formula.evaluate(table.fresh)
    undefined = np.isnan(value)
    value = np.where(undefined, table.y.mean(), value)
    excess = float(np.mean((value - truth) ** 2))
    variance = float(truth.var())
    accuracy = possible = None
    if table.law.task == "classification":
        accuracy = float(np.mean(np.where(value > 0.5, truth, 1 - truth)))
        possible = float(np.mean(np.maximum(truth, 1 - truth)))
    return Nearness(
        r2=1 - excess / variance if variance > 0 else None,
        excess=excess,
        accuracy=accuracy,
        possible=possible,
        undefined=float(undefined.mean()),
    )


def verdict(
    chosen: Formula, front: list[Formula], table: Table, noise: float
) -> Verdict:
    """Judge the formula that an engine chose, and what else stood on its front."""
    if is_law(chosen, table, noise):
        return "recovered"
    if table.law.expression is None:
        # the mean is on every front: that it was there to be chosen says nothing
        return "missed"
    if any(is_law(formula, table, noise) for formula in front):
        return "in front"
    r2 = nearness(chosen, table).r2
    right = table.law.names == frozenset(chosen.names)
    if right and r2 is not None and r2 > NEAR[table.law.task]:
        return "near"
    return "missed"


def _apart(score: Array, table: Table) -> float:
    """Return the largest difference from the law's score over its deviation."""
    truth = table.law.score(table.fresh)
    if np.isnan(score).any():
        return np.inf
    return float(np.abs(score - truth).max() / truth.std())
