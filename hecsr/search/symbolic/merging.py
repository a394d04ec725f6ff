"""Merge the numbers of an expression, so that as few as possible are left to fit.

A number inside a product goes to its front, one inside a sum to its offset, and
numbers that meet become one: ``2 * (3 x + 4) / 5`` is ``a + b x``. The value stays the
same wherever the expression is defined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np

from hecsr.errors import SearchError
from hecsr.formula.expression import (
    FUNCTIONS,
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
)

ONE: Final = Number(1.0)
_STRUCTURAL: Final = 6
"""An exponent of a larger denominator than this was fitted."""
_MOST: Final = 1e100
"""Beyond this a number is left where it stands."""

Judge = Callable[[Expression], bool]
"""Says whether an expression is a pure number, so that it has a logarithm."""


def free(value: float) -> Expression:
    """Return the place of a number that is to be fitted; its name is its value."""
    return Constant(repr(float(value)))


def merged(
    expression: Expression, values: Mapping[str, float], pure: Judge
) -> Expression:
    """Return an equal expression whose numbers to be fitted stand as :func:`free`.

    Parameters
    ----------
    expression
        Every number in it may be fitted, but for rational exponents.
    values
        The values of constants, if there are any.
    pure
        Whether an expression is a pure number. A factor of what is not one stays
        inside a logarithm or power, where it carries the unit.

    Raises
    ------
    SearchError
        If a factor comes out infinite or undefined.
    """
    return _emitted(_Merger(values, pure).sum_of(expression))


@dataclass
class _Sum:
    """An offset and terms, each with its factor."""

    offset: float = 0.0
    terms: dict[Expression, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # factors vanish where terms cancel or a product is too small for a double
        self.terms = {t: f for t, f in self.terms.items() if f}

    def add(self, other: _Sum, sign: float = 1.0) -> _Sum:
        terms = dict(self.terms)
        for term, factor in other.terms.items():
            terms[term] = terms.get(term, 0.0) + sign * factor
        return _Sum(self.offset + sign * other.offset, terms)

    def scaled(self, factor: float) -> _Sum:
        if not factor:
            return _Sum()
        terms = {t: f * factor for t, f in self.terms.items()}
        return _Sum(self.offset * factor, terms)

    def over(self, divisor: float) -> Expression:
        """Write the sum over a number; a factor that equals it vanishes exactly."""
        terms = {t: f / divisor for t, f in self.terms.items()}
        return _emitted(_Sum(self.offset / divisor, terms))

    @property
    def monic(self) -> tuple[float, Expression]:
        """The factor of the first term, and the sum over it."""
        first = self.terms[min(self.terms, key=_order)]
        if not np.isfinite(first):
            raise SearchError("a number of the expression is infinite or undefined")
        return first, self.over(first)


class _Merger:
    def __init__(self, values: Mapping[str, float], pure: Judge) -> None:
        self.values, self.pure = values, pure

    def sum_of(self, node: Expression) -> _Sum:
        match node:
            case Number(value):
                return _Sum(value)
            case Constant(name):
                return _Sum(self.values[name])
            case Variable():
                return _Sum(0.0, {node: 1.0})
            case Negative(operand):
                return self.sum_of(operand).scaled(-1.0)
            case Comparison(sign, left, right):
                a, b = _emitted(self.sum_of(left)), _emitted(self.sum_of(right))
                return _Sum(0.0, {Comparison(sign, a, b): 1.0})
            case Power(base, exponent):
                return self.power(self.sum_of(base), exponent)
            case Call(function, operand):
                return self.call(function, self.sum_of(operand))
            case Binary(operator, left, right):
                return self.binary(operator, self.sum_of(left), self.sum_of(right))
        raise TypeError(f"not an expression: {node!r}")

    def binary(self, operator: str, left: _Sum, right: _Sum) -> _Sum:
        if operator in "+-":
            return left.add(right, 1.0 if operator == "+" else -1.0)
        if operator == "^":
            return self.raised(left, right)
        if operator == "/":
            right = _inverse(right)
        if not left.terms:
            return right.scaled(left.offset)
        if not right.terms:
            return left.scaled(right.offset)
        (a, x), (b, y) = left.monic, right.monic
        return _Sum(0.0, {_product(x, y): a * b})

    def power(self, base: _Sum, exponent: Fraction) -> _Sum:
        if exponent.denominator > _STRUCTURAL:
            return self.raised(base, _Sum(float(exponent)))
        if exponent < 0:
            return _inverse(self.power(base, -exponent))
        if exponent == 1:
            return base
        if not base.terms:
            return _Sum(_number(np.power, base.offset, float(exponent)))
        factor, inner = base.monic
        if exponent.denominator > 1 and factor < 0:
            factor, inner = -factor, base.over(-factor)
        outer = _number(np.power, factor, float(exponent))
        return _Sum(0.0, {_powered(inner, exponent): outer})

    def raised(self, base: _Sum, exponent: _Sum) -> _Sum:
        if not exponent.terms:
            power = exponent.offset
            simple = Fraction(power).limit_denominator(_STRUCTURAL)
            if float(simple) == power:
                return self.power(base, simple)
            if not base.terms:
                return _Sum(_number(np.power, base.offset, power))
            factor, inner = base.monic
            outer = _number(np.power, factor, power) if factor > 0 else np.nan
            if self.pure(inner) and _usable(outer):
                return _Sum(0.0, {Binary("^", inner, free(power)): outer})
        whole = Binary("^", _emitted(base), _emitted(exponent))
        return _Sum(0.0, {whole: 1.0})

    def call(self, function: str, inner: _Sum) -> _Sum:
        if not inner.terms:
            return _Sum(_number(FUNCTIONS[function], inner.offset))
        factor, monic = inner.monic
        whole = _Sum(0.0, {Call(function, _emitted(inner)): 1.0})
        if function == "cbrt":
            return _Sum(0.0, {_rooted("cbrt", monic): float(np.cbrt(factor))})
        if function == "abs":
            return _Sum(0.0, {Call("abs", monic): abs(factor)})
        if function == "sqrt":
            if factor < 0:
                factor, monic = -factor, inner.over(-factor)
            return _Sum(0.0, {_rooted("sqrt", monic): float(np.sqrt(factor))})
        if function == "exp" and inner.offset:
            outer = _number(np.exp, inner.offset)
            if not _usable(outer):
                return whole
            return _Sum(0.0, {Call("exp", _emitted(_Sum(0.0, inner.terms))): outer})
        if function in {"log", "log10"} and self.pure(monic):
            if factor < 0:
                factor, monic = -factor, inner.over(-factor)
            offset = _number(FUNCTIONS[function], factor)
            return _Sum(offset, {Call(function, monic): 1.0})
        return whole


def _inverse(x: _Sum) -> _Sum:
    if not x.terms:
        return _Sum(_number(np.divide, 1.0, x.offset))
    factor, inner = x.monic
    above, below = _fraction(inner)
    if below is None:
        return _Sum(0.0, {Binary("/", ONE, inner): 1 / factor})
    turned = below if above == ONE else Binary("/", below, above)
    return _Sum(0.0, {turned: 1 / factor})


def _product(x: Expression, y: Expression) -> Expression:
    """Multiply without numbers, as one fraction."""
    (a, b), (c, d) = _fraction(x), _fraction(y)
    above = [f for f in (a, c) if f != ONE]
    below = [f for f in (b, d) if f is not None]
    top = ONE if not above else above[0] if len(above) == 1 else _times(*above)
    if not below:
        return top
    return Binary("/", top, below[0] if len(below) == 1 else _times(*below))


def _times(x: Expression, y: Expression) -> Expression:
    """Multiply in a fixed order of the factors, so that twins are written alike."""
    powers: dict[Expression, Fraction] = {}
    factors: list[Expression] = []
    for factor in (*_factors(x), *_factors(y)):
        base, exponent = _base(factor)
        # whole powers alone: roots of one quantity say that it is not negative
        if exponent.denominator == 1:
            powers[base] = powers.get(base, Fraction(0)) + exponent
        else:
            factors.append(factor)
    factors += [b if e == 1 else Power(b, e) for b, e in powers.items()]
    first, *others = sorted(factors, key=_order)
    for other in others:
        first = Binary("*", first, other)
    return first


def _factors(x: Expression) -> list[Expression]:
    match x:
        case Binary("*", left, right):
            return [*_factors(left), *_factors(right)]
    return [x]


def _rooted(function: str, x: Expression) -> Expression:
    above, below = _fraction(x)
    if below is not None and above == ONE:
        return Binary("/", ONE, Call(function, below))
    return Call(function, x)


def _order(node: Expression) -> str:
    """Return a key by which operands are sorted; of numbers to be fitted none."""
    match node:
        case Constant():
            return "#"
        case Number(value):
            return f"#{value!r}"
        case Variable(name):
            return f"!{name}"
        case Power(_, exponent):
            own = f"^{exponent}"
        case Call(function):
            own = function
        case Binary(operator) | Comparison(operator):
            own = operator
        case _:
            own = type(node).__name__
    return f"{own}({','.join(map(_order, node.children))})"


def _base(x: Expression) -> tuple[Expression, Fraction]:
    return (x.base, x.exponent) if isinstance(x, Power) else (x, Fraction(1))


def _powered(x: Expression, exponent: Fraction) -> Expression:
    above, below = _fraction(x)
    if below is not None and above == ONE:
        return Binary("/", ONE, _powered(below, exponent))
    base, inner = _base(x)
    if exponent.denominator == inner.denominator == 1:
        return Power(base, inner * exponent)
    return Power(x, exponent)


def _fraction(x: Expression) -> tuple[Expression, Expression | None]:
    match x:
        case Binary("/", above, below):
            return above, below
    return x, None


def _emitted(x: _Sum) -> Expression:
    """Write a sum out, its numbers as places to be fitted."""
    offset, terms = _folded(x)
    total: Expression | None = free(offset) if offset or not terms else None
    for term, factor in sorted(terms.items(), key=lambda item: _order(item[0])):
        part = term if abs(factor) == 1 else _scaled(factor, term)
        minus = factor == -1
        if total is None:
            total = Negative(part) if minus else part
        else:
            total = Binary("-" if minus else "+", total, part)
    assert total is not None
    return total


def _scaled(factor: float, term: Expression) -> Expression:
    match term:
        case Binary("/", above, below) if above == ONE:
            return Binary("/", free(factor), below)
    return Binary("*", free(factor), term)


def _folded(x: _Sum) -> tuple[float, dict[Expression, float]]:
    """Put the offset into a logarithm that has a number inside already."""
    if not x.offset:
        return x.offset, x.terms
    for term, factor in x.terms.items():
        match term:
            case Call("log", Binary("*", Constant(name), rest)):
                inner = float(name) * _number(np.exp, x.offset / factor)
                if not _usable(inner):
                    continue
                new = Call("log", _scaled(inner, rest))
                terms = {new if t == term else t: f for t, f in x.terms.items()}
                return 0.0, terms
    return x.offset, x.terms


def _number(function: Callable[..., object], *values: float) -> float:
    with np.errstate(all="ignore"):
        return float(function(*map(np.float64, values)))  # type: ignore[arg-type]


def _usable(value: float) -> bool:
    return 1 / _MOST < abs(value) < _MOST
