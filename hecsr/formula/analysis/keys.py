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

    def inner(child: Expression) -> Hashable:
        return key(child, known)

    if known.scaled(node):
        return node
    match node:
        case Binary("+" | "-") | Negative():
            total = Sum.of(node, known, inner)
            parts = [(t.coefficient, t.core) for t in total.terms]
            if len(parts) == 1:
                return _product_key(*parts[0], known)
            return "+", frozenset(
                Counter(_product_key(*p, known) for p in parts).items()
            )
        case Binary("*" | "/") | Power() | Call("sqrt"):
            product = Product.of(node, known, inner)
            return _product_key(product.coefficient, product.core(), known)
        case Comparison(operator, left, right) if operator in _MIRRORED:
            return _MIRRORED[operator], inner(right), inner(left)
        case Comparison(operator, left, right) | Binary(operator, left, right):
            return operator, inner(left), inner(right)
        case Call(function, operand):
            return function, inner(operand)
    return node


def _product_key(coefficient: float, core: Product, known: Known) -> Hashable:
    factors = core.factors
    if coefficient == 1 and len(factors) == 1 and factors[0][1] == 1:
        base = factors[0][0]
        match base:
            case Binary("*" | "/") | Power() | Call("sqrt"):
                return base  # one that must not come apart
        return key(base, known)
    powers = Counter((_factor_key(base, known), power) for base, power in factors)
    return "*", coefficient, frozenset(powers.items())


def _factor_key(base: Expression, known: Known) -> Hashable:
    match base:
        case Binary("*" | "/") | Power() | Call("sqrt"):
            return base
    return key(base, known)
