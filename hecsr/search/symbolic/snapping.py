"""Constants that are nearly simple numbers are tried at them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from hecsr.errors import SearchError
from hecsr.formula.expression import (
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Negative,
    Number,
    Power,
    constants,
    substituted,
)
from hecsr.formula.nonlinear import Form
from hecsr.search.symbolic.forms import renumbered
from hecsr.search.symbolic.loss import bayes_criterion, rounding, training_loss

if TYPE_CHECKING:
    from hecsr.formula.formula import Target
    from hecsr.search.samples import Samples

_MOST: Final = 12
"""Larger numbers are not simple: every large constant is close to an integer."""
_NEAR: Final = 2.5
"""Standard errors within which a constant is tried at a simple number."""
_CHANCE: Final = 0.1
"""Most of the distance between simple numbers that these errors may take up."""

_KNOWN: Final[Mapping[tuple[str, float], float]] = {
    **{(name, 0.0): 1.0 for name in ("exp", "cos")},
    **{
        (name, 0.0): 0.0
        for name in ("sqrt", "cbrt", "sin", "tan", "atan", "tanh", "abs")
    },
    **{(name, 1.0): 0.0 for name in ("log", "log10")},
    **{(name, 1.0): 1.0 for name in ("sqrt", "cbrt", "abs")},
}
"""Values of functions at simple numbers, which are not left to be worked out."""

Pure = Callable[[Expression], Collection[str]]
"""Gives the constants of an expression that may be pure numbers."""


def snapped(
    form: Form,
    samples: Samples,
    target: Target,
    *,
    tolerance: float = 0.0,
    pure: Pure = constants,
) -> Form:
    """Fit a form, and put its constants at simple numbers where the error allows.

    Tried are 0, by which a term is dropped, integers and halves up to 12, and for
    exponents thirds: the nearest first, each with all other constants fitted anew.
    One is kept if Schwarz's criterion, which counts the constant saved, rises by no
    more than `tolerance`. A number other than 0 is tried only if the standard error
    is so small that coming this near by chance is unlikely.

    Parameters
    ----------
    pure
        Gives the constants that may be pure numbers; one with a unit can only
        vanish.

    Raises
    ------
    SearchError
        If the form is undefined on a sample.
    """
    state = _fitted(form, samples, target)
    refused: set[tuple[str, float]] = set()
    while True:
        for trial in sorted(_trials(state, pure(state.form.expression))):
            if (trial.name, trial.number) in refused:
                continue
            refused.add((trial.name, trial.number))
            try:
                tried = _fitted(trial.applied(state.form), samples, target)
            except (SearchError, ZeroDivisionError):
                continue
            if tried.criterion <= state.criterion + tolerance:
                state = tried
                break
        else:
            return renumbered(state.form)


@dataclass(frozen=True)
class _State:
    form: Form
    errors: dict[str, float | None]
    criterion: float


@dataclass(frozen=True, order=True)
class _Trial:
    """A constant and a number to try it at, by its distance in standard errors."""

    distance: float
    name: str
    number: float

    def applied(self, form: Form) -> Form:
        place: dict[Expression, Expression] = {Constant(self.name): Number(self.number)}
        found = tidy(_exact(form.expression, self.name, self.number))
        return Form(tidy(substituted(found, place)), form.start)


def _fitted(form: Form, samples: Samples, target: Target) -> _State:
    formula: Any = samples.refit(form, target)
    fitted = Form(form.expression, formula.constants)
    loss = training_loss(form.expression, formula.constants, samples)
    # an exact fit has errors of rounding, which say nothing
    scale = 1.0
    if samples.task == "regression":
        least = rounding(samples)
        scale = math.sqrt(max(loss, least) / max(loss, 1e-6 * least))
    errors = {
        c.name: None if c.standard_error is None else scale * c.standard_error
        for c in formula.coefficients
    }
    free = len(constants(form.expression))
    return _State(fitted, errors, bayes_criterion(loss, free, samples))


def _trials(state: _State, pure: Collection[str]) -> Iterator[_Trial]:
    exponents = set(_exponents(state.form.expression))
    for name in constants(state.form.expression):
        error, value = state.errors[name], state.form.start[name]
        if error is None:
            continue
        # the errors of an exact fit do not tell: each of its constants is tried
        exact = error <= 1e-9 * abs(value)
        error = max(error, 1e-9 * abs(value))
        if exact or abs(value) <= _NEAR * error:
            yield _Trial(abs(value) / (error or 1.0), name, 0.0)
        if name not in pure:
            continue
        for parts in (1, 2, 3) if name in exponents else (1, 2):
            number = round(value * parts) / parts
            near = abs(value - number) <= _NEAR * error
            unlikely = 2 * _NEAR * error <= _CHANCE / parts
            if number and near and unlikely and abs(number) <= _MOST:
                yield _Trial(abs(value - number) / error, name, number)
                break


def _exponents(node: Expression) -> Iterator[str]:
    match node:
        case Binary("^", _, Constant(name)):
            yield name
    for child in node.children:
        yield from _exponents(child)


def _exact(node: Expression, name: str, number: float) -> Expression:
    """Write a power whose fitted exponent becomes this number as a fixed one."""
    fraction = Fraction(number).limit_denominator(6)

    def of(inner: Expression) -> Expression:
        return _exact(inner, name, number)

    match node:
        case Binary("^", base, Constant(exponent)) if exponent == name:
            return Power(of(base), fraction)
        case Binary(operator, left, right):
            return Binary(operator, of(left), of(right))
        case Comparison(operator, left, right):
            return Comparison(operator, of(left), of(right))
        case Power(base, exponent):
            return Power(of(base), exponent)
        case Negative(operand):
            return Negative(of(operand))
        case Call(function, operand):
            return Call(function, of(operand))
    return node


def tidy(node: Expression) -> Expression:
    """Drop zeros from sums and products, and ones from products and powers.

    Raises
    ------
    ZeroDivisionError
        If a zero divides.
    """
    match node:
        case Negative(operand):
            return _negative(tidy(operand))
        case Call(function, operand):
            argument = tidy(operand)
            if isinstance(argument, Number):
                known = _KNOWN.get((function, argument.value))
                return Call(function, argument) if known is None else Number(known)
            return Call(function, argument)
        case Power(base, exponent):
            inner = tidy(base)
            if exponent == 0:
                return Number(1.0)
            return inner if exponent == 1 else Power(inner, exponent)
        case Binary(operator, left, right):
            return _binary(operator, tidy(left), tidy(right))
        case Comparison(operator, left, right):
            return Comparison(operator, tidy(left), tidy(right))
    return node


def _binary(operator: str, a: Expression, b: Expression) -> Expression:
    zero, one, minus = Number(0.0), Number(1.0), Number(-1.0)
    match operator:
        case "+" | "-" if b == zero:
            return a
        case "+" if a == zero:
            return b
        case "-" if a == zero:
            return _negative(b)
        case "*" if zero in {a, b}:
            return zero
        case "/" if b == zero:
            raise ZeroDivisionError
        case "/" if a == zero:
            return zero
        case "*" if a == one:
            return b
        case "*" if a == minus:
            return _negative(b)
        case "+" if isinstance(b, Negative):
            return Binary("-", a, b.operand)
    if (operator in "*/" and b == one) or (operator == "^" and a == one):
        return a
    return Binary(operator, a, b)


def _negative(a: Expression) -> Expression:
    match a:
        case Negative(operand):
            return operand
        case Number(value):
            return Number(-value if value else 0.0)
    return Negative(a)
