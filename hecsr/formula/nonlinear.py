"""Fits of constants that stand anywhere in an expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.errors import SearchError
from hecsr.formula.domain import Domain
from hecsr.formula.expression import Array, Call, Expression, constants, variables
from hecsr.formula.formula import Coefficient, Formula, Target, Task
from hecsr.formula.optimum import Optimum, Problem
from hecsr.formula.physics import check_units
from hecsr.formula.uncertainty import quadratic, relative
from hecsr.units import NUMBER, Unit


@dataclass(frozen=True)
class Form:
    """An expression with constants anywhere, and the values their fit starts from.

    For classes the expression is what stands inside the logistic link.
    """

    expression: Expression
    start: Mapping[str, float]

    def __post_init__(self) -> None:
        for name in constants(self.expression):
            if name not in self.start:
                raise SearchError(f"the constant '{name}' has no value to start from")


def fit_form(
    form: Form,
    columns: Mapping[str, Array],
    y: Array,
    *,
    task: Task,
    target: Target,
    descriptors: Mapping[str, Descriptor],
    weights: Array | None = None,
) -> Formula:
    """Fit the constants of a form: least squares, for classes Firth's likelihood.

    Regression by Levenberg and Marquardt's method with exact derivatives (MINPACK);
    classes as :func:`hecsr.formula.likeliest.likeliest` says. A constant that the
    samples cannot tell from the fitted ones keeps its start value, and has no standard
    error; nor has one that is fitted but has lost its effect at the optimum. The
    covariance is that of the form made linear at the optimum, given this form.

    Parameters
    ----------
    columns
        Descriptor values by name, each of length n.
    y
        Target values; 0 and 1 for classification.

    Raises
    ------
    SearchError
        If the form with its start values is undefined on a sample.
    """
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    names = constants(form.expression)
    used = variables(form.expression)
    problem = Problem(form.expression, {n: columns[n] for n in used}, y, w, task)
    found = problem.optimum(form.start)
    described = tuple(descriptors.get(n) or plain(n) for n in used)
    metrics: dict[str, float] = {}
    freedom = len(y) - len(found.free)
    if task == "regression" and freedom > 0:
        loss = problem.loss(found.values)
        metrics = {"residual_sd": float(np.sqrt(loss / freedom))}
    covariance, leverage = None, None
    if found.covariance is not None:
        full = _among_held(names, found.free, found.covariance)
        covariance = tuple(tuple(map(float, row)) for row in full)
        spread = quadratic(problem.slopes(found.values, names), full)
        leverage = relative(spread, task, metrics.get("residual_sd"))
    of_target = target.unit if task == "regression" else NUMBER
    units = _units(form.expression, described, of_target)
    return Formula(
        expression=form.expression
        if task == "regression"
        else Call("logistic", form.expression),
        variables=described,
        coefficients=_coefficients(names, found, units),
        target=target,
        task=task,
        covariance=covariance,
        domain=Domain.of(used, columns, leverage),
        n_samples=len(y),
        metrics=metrics,
    )


def _coefficients(
    names: tuple[str, ...], found: Optimum, units: Mapping[str, Unit]
) -> tuple[Coefficient, ...]:
    errors: dict[str, float] = {}
    if found.covariance is not None:
        sizes = np.sqrt(np.diag(found.covariance)).tolist()
        errors = dict(zip(found.free, sizes, strict=True))
    return tuple(
        Coefficient(n, found.values[n], errors.get(n), units[n]) for n in names
    )


@lru_cache(maxsize=1024)
def _units(
    expression: Expression, described: tuple[Descriptor, ...], target: Unit
) -> Mapping[str, Unit]:
    """Return the unit of each constant; a form is fitted many times, to many folds.

    Where units make no sense of the form, some variables enter as numbers.
    """
    units = {d.name: d.unit for d in described}
    scales = {d.name: d.scale for d in described if d.scale is not None}
    return check_units(expression, units, target, scales, lenient=True).constants


def _among_held(
    names: tuple[str, ...], free: tuple[str, ...], covariance: Array
) -> Array:
    """Put the covariance of the free constants among zeros for those held."""
    place = [names.index(n) for n in free]
    full = np.zeros((len(names), len(names)))
    full[np.ix_(place, place)] = covariance
    return full
