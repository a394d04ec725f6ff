"""Refits of a published formula: which of its numbers, and how."""

from __future__ import annotations

from collections.abc import Mapping

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
from hecsr.formula.physics import check_units
from hecsr.formula.published.verdict import (
    best_thresholds,
    conditions,
    is_probability,
    is_verdict,
    with_thresholds,
)
from hecsr.units import NUMBER


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

    Named constants are fitted, starting at `start` or 1, and every number is kept.
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
        If too few rows are defined, or a rule's thresholds cannot be fitted.
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
    if constants(inner):
        begin = dict.fromkeys(constants(inner), 1.0) | dict(start or {})
        form = Form(inner, {n: begin[n] for n in constants(inner)})
    else:
        form = freed(inner)
    value = evaluate(form.expression, columns, form.start)
    defined = ~np.isnan(np.broadcast_to(value, y.shape))
    wanted = len(constants(form.expression))
    if defined.sum() < wanted:
        msg = (
            f"{wanted} constant(s) to fit and {defined.sum()} row(s) on which the "
            "formula is defined: give other start values, or more rows"
        )
        raise SearchError(msg)
    return fit_form(
        form,
        {n: c[defined] for n, c in columns.items()},
        y[defined],
        task=task,
        target=target,
        descriptors=described,
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
