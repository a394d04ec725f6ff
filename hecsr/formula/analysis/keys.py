"""A key that is the same for expressions equal up to the order of operands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from hecsr.formula.analysis.products import Product
from hecsr.formula.analysis.signs import Known
from hecsr.formula.analysis.sums import Sum
from hecsr.formula.expression import (
    Binary,
    Call,
    Comparison,
    Expression,
    Negative,
    Power,
)

_MIRRORED = {">": "<", ">=": "<="}


def key(node: Expression, known: Known) -> Hashable:
    """Return what equal sums and products, however ordered or written, share."""
    return Keys(known)(node)


class Keys:
    """The keys of expressions, each worked out once."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.found: dict[Expression, Hashable] = {}

    def __call__(self, node: Expression) -> Hashable:
        """Return the key of an expression."""
        if node not in self.found:
            self.found[node] = self._key(node)
        return self.found[node]

    def _key(self, node: Expression) -> Hashable:
        if self.known.scaled(node):
            return node
        match node:
            case Binary("+" | "-") | Negative():
                total = Sum.of(node, self.known, self)
                parts = [self._product(t.coefficient, t.core) for t in total.terms]
                if len(parts) == 1:
                    return parts[0]
                return "+", frozenset(Counter(parts).items())
            case Binary("*" | "/") | Power() | Call("sqrt"):
                product = Product.of(node, self.known, self)
                return self._product(product.coefficient, product.core())
            case Comparison(operator, left, right) if operator in _MIRRORED:
                return _MIRRORED[operator], self(right), self(left)
            case Comparison(operator, left, right) | Binary(operator, left, right):
                return operator, self(left), self(right)
            case Call(function, operand):
                return function, self(operand)
        return node

    def _product(self, coefficient: float, core: Product) -> Hashable:
        factors = core.factors
        if coefficient == 1 and len(factors) == 1 and factors[0][1] == 1:
            return self._factor(factors[0][0])
        powers = Counter((self._factor(base), power) for base, power in factors)
        return "*", coefficient, frozenset(powers.items())

    def _factor(self, base: Expression) -> Hashable:
        match base:
            case Binary("*" | "/") | Power() | Call("sqrt"):
                return base  # one that must not come apart
        return self(base)
