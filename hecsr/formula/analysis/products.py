"""Products of powers, with like factors collected where the domain stays."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from hecsr.formula.analysis.signs import (
    POSITIVE,
    Known,
    Signs,
    always_defined,
    raised,
    signs_of,
)
from hecsr.formula.expression import Binary, Call, Expression, Negative, Number, Power

Key = Callable[[Expression], Hashable]
"""Equal for expressions that are the same but for the order of their operands."""

_HALF: Final = Fraction(1, 2)


@dataclass(frozen=True)
class Product:
    """``above / below`` times powers of factors.

    A power is 0 where its factor is not always defined: 1, but not everywhere.
    """

    above: float
    below: float
    factors: tuple[tuple[Expression, Fraction], ...]

    @classmethod
    def of(cls, node: Expression, known: Known, key: Key) -> Product:
        """Take a product, quotient or power apart; anything else is one factor."""
        gathering = _Gathering(known, key)
        gathering.take(node)
        factors = (f for group in gathering.found.values() for f in group)
        return cls(gathering.above, gathering.below, tuple(factors))

    @property
    def coefficient(self) -> float:
        """The number in front."""
        return self.above / self.below

    def core(self) -> Product:
        """Return the product without its number."""
        return Product(1.0, 1.0, self.factors)

    def always_defined(self, known: Known) -> bool:
        """Whether every factor has a value for all values of the variables."""
        return all(always_defined(_power(*f), known.signs) for f in self.factors)

    def expression(self, known: Known) -> Expression:
        """Write the product: numbers first, then factors as they appeared."""
        if self.above == 0 and self.always_defined(known):
            return Number(0.0)
        over, under = _exact(self.above, self.below)
        top = [_power(b, p) for b, p in self.factors if p >= 0]
        bottom = [_power(b, -p) for b, p in self.factors if p < 0]
        minus = over == -1 and bool(top)
        if abs(over) != 1 or not top:
            top.insert(0, Number(over))
        if under != 1:
            bottom.insert(0, Number(under))
        whole = _chain(top)
        if bottom:
            whole = Binary("/", whole, _chain(bottom))
        return Negative(whole) if minus else whole


class _Gathering:
    """Factors found so far; those of one key that must not be merged stay apart."""

    def __init__(self, known: Known, key: Key) -> None:
        self.known, self.key = known, key
        self.above = self.below = 1.0
        self.found: dict[Hashable, list[tuple[Expression, Fraction]]] = {}

    def take(self, node: Expression) -> None:
        waiting = [(node, Fraction(1))]
        while waiting:
            one, power = waiting.pop()
            waiting += reversed(self.parts(one, power))

    def parts(
        self, node: Expression, power: Fraction
    ) -> list[tuple[Expression, Fraction]]:
        """Return what a power of a node splits into; or keep it, and return nothing."""
        whole = power.denominator == 1
        if self.known.scaled(node):
            self.keep(node, power)
            return []
        match node:
            case Number(value) if self.number(value, power):
                return []
            case Negative(operand) if whole:
                if power.numerator % 2:
                    self.above = -self.above
                return [(operand, power)]
            case Binary("*", left, right) if whole or self.positive(left, right):
                return [(left, power), (right, power)]
            case Binary("/", left, right) if (
                whole and (power > 0 or self.never_zero(right))
            ) or self.positive(left, right):
                return [(left, power), (right, -power)]
            case Power(base, inner) if inner == 0:
                if not self.defined(base):
                    self.keep(base, Fraction(0))
                return []
            case Power(base, inner):
                return self.nested(node, base, inner, power)
            case Call("sqrt", base):
                return self.nested(node, base, _HALF, power)
            case Call("cbrt", base) if not whole or power.numerator % 3 == 0:
                return [(base, power / 3)]
        self.keep(node, power)
        return []

    def positive(self, *nodes: Expression) -> bool:
        """Whether all are positive, so that a root of a product is one of roots."""
        return all(signs_of(n, self.known.signs) == POSITIVE for n in nodes)

    def never_zero(self, node: Expression) -> bool:
        """Whether a divisor is not 0: one over 1 / 0 is undefined, not 0."""
        return 0 not in signs_of(node, self.known.signs)

    def defined(self, node: Expression) -> bool:
        """Whether a node always has a value."""
        return always_defined(node, self.known.signs)

    def number(self, value: float, power: Fraction) -> bool:
        """Multiply by a power of a number, if that is one."""
        if value < 0 and power.denominator != 1:
            return False
        with np.errstate(all="ignore"):
            size = float(np.power(value, abs(float(power))))
        above, below = self.above, self.below
        if power > 0:
            above *= size
        else:
            below *= size
        good = np.isfinite(above) and np.isfinite(below) and below != 0
        if good and (size != 0 or value == 0):
            self.above, self.below = above, below
            return True
        return False

    def nested(
        self, node: Expression, base: Expression, inner: Fraction, outer: Fraction
    ) -> list[tuple[Expression, Fraction]]:
        """Multiply exponents, of the base or of its size, where that is the same."""
        if outer == 1:
            return [(base, inner)]
        signs = signs_of(base, self.known.signs)
        through = {s: _twice(s, inner, outer) for s in signs}
        if all(t == raised(s, inner * outer) for s, t in through.items()):
            return [(base, inner * outer)]
        if all(t == raised(abs(s), inner * outer) for s, t in through.items()):
            return [(Call("abs", base), inner * outer)]
        return self.kept(node, outer)

    def kept(
        self, node: Expression, power: Fraction
    ) -> list[tuple[Expression, Fraction]]:
        self.keep(node, power)
        return []

    def keep(self, node: Expression, power: Fraction) -> None:
        """Add a factor, to a like one if that leaves the domain as it is."""
        group = self.found.setdefault(self.key(node), [])
        for i, (base, own) in enumerate(group):
            if self.may_merge(base, own, power):
                if own + power or not own:
                    group[i] = base, own + power
                else:
                    del group[i]
                return
        group.append((node, power))

    def may_merge(self, base: Expression, p: Fraction, q: Fraction) -> bool:
        # opposite powers of what may be infinite are undefined there, their sum not
        if p * q < 0 and not always_defined(base, self.known.signs):
            return False
        return _same_domain(signs_of(base, self.known.signs), p, q)


def _same_domain(signs: Signs, p: Fraction, q: Fraction) -> bool:
    """Whether x^p x^q and x^(p+q) are defined for the same signs of x."""
    return all(
        (raised(s, p) is not None and raised(s, q) is not None)
        == (raised(s, p + q) is not None)
        for s in signs
    )


def _twice(s: int, inner: Fraction, outer: Fraction) -> int | None:
    """Return the sign of (x^inner)^outer; None where either power is undefined."""
    middle = raised(s, inner)
    return None if middle is None else raised(middle, outer)


def _exact(above: float, below: float) -> tuple[float, float]:
    """Cancel numbers where no digit is lost."""
    if below < 0:
        above, below = -above, -below
    if above and np.fmod(above, below) == 0:
        return above / below, 1.0
    if above and np.fmod(below, above) == 0:
        return float(np.sign(above)), below / abs(above)
    return above, below


def _power(base: Expression, power: Fraction) -> Expression:
    if power == 1:
        return base
    return Call("sqrt", base) if power == _HALF else Power(base, power)


def _chain(parts: list[Expression]) -> Expression:
    whole = parts[0]
    for part in parts[1:]:
        whole = Binary("*", whole, part)
    return whole
