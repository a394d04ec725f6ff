"""Sums with like terms collected."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from hecsr.formula.analysis.products import Key, Product
from hecsr.formula.analysis.signs import Known
from hecsr.formula.expression import (
    Binary,
    Expression,
    Negative,
    Number,
    complexity,
    variables,
)


@dataclass(frozen=True)
class Term:
    """A summand: a number times a product; `written` where it was found but once."""

    coefficient: float
    core: Product
    written: Expression | None

    def expression(self, known: Known) -> tuple[bool, Expression]:
        """Return whether the term is subtracted, and what is added or subtracted."""
        minus = self.coefficient < 0
        if self.written is not None:
            match self.written:
                case Negative(operand):
                    return True, operand
            if not minus:
                return False, self.written
        size = Product(abs(self.coefficient), 1.0, self.core.factors)
        if self.written is not None:
            whole = Product.of(self.written, known, lambda node: node)
            size = Product(-whole.above, whole.below, self.core.factors)
        return minus, size.expression(known)

    def signed(self, known: Known) -> Expression:
        """Return the term with its sign, as short as it can be."""
        whole = Product(self.coefficient, 1.0, self.core.factors)
        if self.written is None:
            return whole.expression(known)
        whole = Product.of(self.written, known, lambda node: node)
        return min(whole.expression(known), self.written, key=complexity)


@dataclass(frozen=True)
class Sum:
    """Terms of a sum, in order of appearance."""

    terms: tuple[Term, ...]

    @classmethod
    def of(
        cls,
        node: Expression,
        known: Known,
        key: Key,
        simple: Callable[[Expression], Expression] = lambda node: node,
    ) -> Sum:
        """Take a sum apart, each of its terms made `simple`, and collect like terms."""
        found: dict[Hashable, list[Term]] = {}
        for minus, written in summands(node):
            part = simple(written)
            part = Negative(part) if minus else part
            product = Product.of(part, known, key)
            core = product.core()
            same = frozenset((key(base), power) for base, power in core.factors)
            group = found.setdefault(same, [])
            _collect(group, Term(product.coefficient, core, part), known)
        return cls(tuple(term for group in found.values() for term in group))

    def expression(self, known: Known) -> Expression:
        """Write the sum, if possible with a term first that is not subtracted."""
        parts = [term.expression(known) for term in self.terms]
        if not parts:
            return Number(0.0)
        first = next((i for i, (minus, _) in enumerate(parts) if not minus), 0)
        minus, whole = parts.pop(first)
        if minus:
            whole = self.terms[first].signed(known)
        for subtracted, part in parts:
            whole = Binary("-" if subtracted else "+", whole, part)
        return whole


def summands(node: Expression) -> list[tuple[bool, Expression]]:
    """Return the terms of a sum, left to right, and whether each is subtracted."""
    found: list[tuple[bool, Expression]] = []
    waiting = [(False, node)]
    while waiting:
        minus, one = waiting.pop()
        match one:
            case Binary("+", left, right):
                waiting += [(minus, right), (minus, left)]
            case Binary("-", left, right):
                waiting += [(not minus, right), (minus, left)]
            case Negative(operand):
                waiting.append((not minus, operand))
            case _:
                found.append((minus, one))
    return found


def without_coefficient(term: Expression) -> Expression:
    """Return a term without the numbers and constants that multiply or divide it."""
    match term:
        case Negative(operand):
            return without_coefficient(operand)
        case Binary("*", left, right) if not variables(left):
            return without_coefficient(right)
        case Binary("*", left, right) if not variables(right):
            return without_coefficient(left)
        case Binary("*", left, right):
            return Binary("*", without_coefficient(left), without_coefficient(right))
        case Binary("/", left, right) if not variables(right):
            return without_coefficient(left)
        case Binary("/", left, right):
            top = without_coefficient(left) if variables(left) else Number(1.0)
            return Binary("/", top, without_coefficient(right))
    return term


def _collect(group: list[Term], new: Term, known: Known) -> None:
    """Add a term to a like one; opposite ones only of what always has a value."""
    if new.coefficient == 0 and new.core.always_defined(known):
        return
    for i, old in enumerate(group):
        opposite = old.coefficient * new.coefficient <= 0
        if opposite and not new.core.always_defined(known):
            continue
        total = old.coefficient + new.coefficient
        if total:
            group[i] = Term(total, old.core, None)
        else:
            del group[i]
        return
    group.append(new)
