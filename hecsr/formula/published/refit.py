"""Refits of a published formula: which of its numbers, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.errors import SearchError
from hecsr.formula.analysis.sums import summands
from hecsr.formula.domain import Domain
from hecsr.formula.expression import (
    Array,
    Binary,
    Call,
    Constant,
    Expression,
    Negative,
    Number,
    constants,
    evaluate,
    variables,
)
from hecsr.formula.formula import (
    Coefficient,
    Formula,
    Target,
    Task,
    linear_combination,
)
from hecsr.formula.nonlinear import Form, fit_form
from hecsr.formula.optimum import Problem
from hecsr.formula.physics import check_units
from hecsr.formula.published.verdict import (
    best_thresholds,
    conditions,
    is_probability,
    is_verdict,
    with_thresholds,
)
from hecsr.formula.settled import settled
from hecsr.formula.starts import Start, among, linear_among, starting_points
from hecsr.units import NUMBER

_ROUNDS: Final = 3
"""A fit that only ran out of steps is gone on with this often."""
_SAME: Final = 1e-6
"""Losses that differ by a smaller share are of the same fit."""


def freed(expression: Expression) -> Form:
    """Return a sum with its outer numbers as constants, starting at these numbers.

    The leading number of every summand becomes c1, c2, ..., one without a number
    counting as 1; summands without a variable together become the intercept c0. No
    intercept is added where there was none. ``2 * x^0.5 - 3`` becomes
    ``c0 + c1 * x^0.5``.

    Raises
    ------
    SearchError
        If the expression holds no variable.
    """
    terms: list[Expression] = []
    start: list[float] = []
    intercept: float | None = None
    for subtracted, summand in summands(expression):
        sign = -1.0 if subtracted else 1.0
        factor, rest = _leading(summand)
        if rest is None:
            intercept = (intercept or 0.0) + sign * factor
        else:
            terms.append(rest)
            start.append(sign * factor)
    if not terms:
        raise SearchError("the formula holds no variable: there is nothing to fit")
    values = {f"c{i}": v for i, v in enumerate(start, start=1)}
    if intercept is not None:
        values = {"c0": intercept} | values
    return Form(linear_combination(terms, intercept=intercept is not None), values)


def refitted(
    expression: Expression,
    columns: Mapping[str, Array],
    y: Array,
    *,
    task: Task,
    target: Target,
    start: Mapping[str, float] | None = None,
    descriptors: Mapping[str, Descriptor] | None = None,
) -> Formula:
    """Fit the coefficients of a formula to the rows on which it is defined.

    Named constants are fitted, and every number is kept. They start at `start`; those
    without one at 1 and, if that leads to a better fit, at their linear solution or at
    values in the scale of the columns (:mod:`hecsr.formula.starts`).
    Without named constants the outer numbers are fitted (see :func:`freed`), of a
    rule the thresholds, by balanced accuracy. Values by least squares, probabilities
    by Firth's likelihood (:func:`~hecsr.formula.nonlinear.fit_form`).

    Parameters
    ----------
    columns
        Values of the variables by name, each of length n.
    y
        Target values; 0 and 1 for classification.

    Raises
    ------
    SearchError
        If too few rows are defined, a rule's thresholds cannot be fitted, or no fit
        arrives at an optimum.
    """
    described = {
        n: (descriptors or {}).get(n) or plain(n) for n in variables(expression)
    }
    columns = {n: columns[n] for n in described}
    if task == "classification" and is_verdict(expression):
        return _thresholds(expression, columns, y, target, described, start or {})
    inner = expression
    if task == "classification":
        if not is_probability(expression):
            raise SearchError(
                "the formula of a class is a comparison or a logistic(...); this is "
                "neither"
            )
        assert isinstance(expression, Call)  # what a probability is
        inner = expression.operand
    given = dict(start or {})
    if names := constants(inner):
        begin = {n: given.get(n, 1.0) for n in names}
        form = Form(inner, begin)
    else:
        form = freed(inner)
        given = dict(form.start)
    columns = {n: np.broadcast_to(c, y.shape) for n, c in columns.items()}
    problem = Problem(form.expression, columns, y, np.ones(len(y)), task)
    best = _best_start(problem, form.start, given, stated=not names)
    # a first step may lead to infinite values, from which the fit comes back
    with np.errstate(over="ignore", invalid="ignore"):
        return fit_form(
            Form(form.expression, best.values),
            {n: c[best.rows] for n, c in columns.items()},
            y[best.rows],
            task=task,
            target=target,
            descriptors=described,
        )


def _best_start(
    problem: Problem,
    first: Mapping[str, float],
    given: Mapping[str, float],
    *,
    stated: bool,
) -> Start:
    """Return the start that leads to the best fit, `first` where none is better.

    Fits of classes are compared by their likelihood alone: its penalty is made for
    the constants of one fit, and grows without end where a form becomes flat.
    Numbers that were `stated` are all linear: one fit that arrives is enough.
    """
    movable = [n for n in first if stated or n not in given]
    starts = starting_points(problem, first, movable)
    most = max(int(s.rows.sum()) for s in starts)
    if most < len(first):
        msg = (
            f"{len(first)} constant(s) to fit and {most} row(s) on which the "
            "formula is defined: give other start values, or more rows"
        )
        raise SearchError(msg)
    linear = linear_among(problem.expression, list(first))
    curved = [n for n in first if n not in linear]
    best, least = None, np.inf
    for begin in starts:
        one = begin
        if one.rows.sum() < most:
            continue
        part = among(problem, one.rows)
        with np.errstate(all="ignore"):
            for _ in range(_ROUNDS):
                found = part.optimum(one.values)
                if arrived := settled(part, found, given):
                    break
                one = replace(one, values=found.values)
            if not arrived:
                continue
            loss = part.loss(found.values)
        # the same optimum, reached from elsewhere, is no better one
        if best is None or loss < least * (1 - _SAME):
            best, least = one, loss
        if not curved:
            break
    if best is None:
        raise SearchError(_not_fitted(first, given, curved))
    return best


def _not_fitted(
    first: Mapping[str, float], given: Mapping[str, float], curved: Sequence[str]
) -> str:
    """Say that no fit arrived, and what to give."""
    begun = ", ".join(f"{n} = {v:.6g}" for n, v in first.items() if n in given)
    where = f"from this start ({begun})" if begun else "from any start that was tried"
    other = "other " if begun else ""
    asked = " ".join(f"--start {n}=..." for n in curved or first)
    return (
        f"{', '.join(first)}: not fitted {where}: a constant has no effect on any row "
        "where the fit stops, or a better fit lies further on, at infinity if the form "
        f"is not that of the data; give {other}values near the solution, {asked}"
    )


def as_stated(
    expression: Expression,
    columns: Mapping[str, Array],
    *,
    task: Task,
    target: Target,
    descriptors: Mapping[str, Descriptor] | None = None,
) -> Formula:
    """Return a formula without fitted constants, with the ranges of its variables.

    Raises
    ------
    SearchError
        If a constant has no value.
    """
    if names := constants(expression):
        listed = ", ".join(names)
        msg = (
            f"no value is known of {listed} in the formula: give one (--set "
            f"{names[0]}=...), or fit it (--fit coefficients)"
        )
        raise SearchError(msg)
    described = tuple(
        (descriptors or {}).get(n) or plain(n) for n in variables(expression)
    )
    return Formula(
        expression=expression,
        variables=described,
        coefficients=(),
        target=target,
        task=task,
        domain=_domain(columns, described),
    )


def _thresholds(
    expression: Expression,
    columns: Mapping[str, Array],
    y: Array,
    target: Target,
    described: Mapping[str, Descriptor],
    start: Mapping[str, float],
) -> Formula:
    parts = conditions(expression)
    sides = {p.value for p in parts} | {p.threshold for p in parts if not p.fitted}
    values = {side: np.broadcast_to(evaluate(side, columns), y.shape) for side in sides}
    known = ~np.isnan(np.array(list(values.values()))).any(axis=0)
    begin = [_begin(p.threshold, start) for p in parts if p.fitted]
    found = best_thresholds(
        parts, {s: v[known] for s, v in values.items()}, y[known] == 1, begin
    )
    names = [f"c{i}" for i in range(1, len(found) + 1)]
    rule = with_thresholds(parts, names)
    units = check_units(
        rule, {n: d.unit for n, d in described.items()}, NUMBER, lenient=True
    ).constants
    return Formula(
        expression=rule,
        variables=tuple(described.values()),
        coefficients=tuple(
            Coefficient(n, value, unit=units[n])
            for n, value in zip(names, found, strict=True)
        ),
        target=target,
        task="classification",
        domain=_domain(columns, tuple(described.values())),
        n_samples=int(known.sum()),
    )


def _begin(threshold: Expression, start: Mapping[str, float]) -> float | None:
    if isinstance(threshold, Constant):
        return start.get(threshold.name)
    return float(evaluate(threshold, {}))


def _domain(columns: Mapping[str, Array], described: tuple[Descriptor, ...]) -> Domain:
    """Return the domain of the rows on which every variable is known."""
    names = [d.name for d in described]
    values = np.array([columns[n] for n in names])
    known = ~np.isnan(values).any(axis=0) if names else np.array([], dtype=bool)
    if not known.any():
        return Domain()
    return Domain.of(names, {n: columns[n][known] for n in names})


def _leading(expression: Expression) -> tuple[float, Expression | None]:
    """Split a product into its number and the rest; no rest without a variable."""
    if not variables(expression):
        return float(evaluate(expression, {})), None
    match expression:
        case Negative(operand):
            factor, rest = _leading(operand)
            return -factor, rest
        case Binary("*", left, right):
            a, first = _leading(left)
            b, second = _leading(right)
            if first is None or second is None:
                return a * b, second if first is None else first
            return a * b, Binary("*", first, second)
        case Binary("/", left, right):
            a, first = _leading(left)
            if not variables(right):
                return a / float(evaluate(right, {})), first
            return a, Binary("/", Number(1.0) if first is None else first, right)
    return 1.0, expression
