"""Fewer constants for the same family of functions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import numpy as np

from hecsr.errors import FormulaError
from hecsr.formula.analysis.affine import ONE, Affine, Slot, Slots, product
from hecsr.formula.analysis.simplify import simplify
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
    variables,
    walk,
)
from hecsr.formula.gradient import gradient

_HALF: Final = Fraction(1, 2)
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_DEPENDENT: Final = 1e-9


def merge_constants(
    expression: Expression, values: Mapping[str, float]
) -> tuple[Expression, dict[str, float]]:
    """Return the expression with redundant constants merged, and their new values.

    The value at `values` is the same, and every function that the constants could
    make before, near these values, they can make after: ``c1 * (c2 * x + c3)``
    becomes ``c1 * x + c2``, ``c1 * exp(c2 + x)`` becomes ``c1 * exp(x)``. A constant
    that stands in several places is merged only where that ties nothing together
    that was free. What would not have fewer constants, or as many in a shorter form or
    closer to its top, is returned as it is.

    Raises
    ------
    FormulaError
        If a constant has no value.
    """
    names = constants(expression)
    for name in names:
        if name not in values:
            raise FormulaError(f"no value for the constant '{name}'")
    kept = {name: float(values[name]) for name in names}
    slots = Slots(expression, kept)
    merging = _Merging(slots)
    with np.errstate(all="ignore"):
        whole = slots.written(merging.affine(expression))
    found = _named(simplify(whole), slots, names)
    if found is None or _length(found[0]) >= _length(expression):
        return expression, kept
    return found


def _length(expression: Expression) -> tuple[int, int, int]:
    """Return constants, operators, and how deep the constants stand in all.

    A sign is no operator here: ``exp(-c1 / T)`` is as good as ``exp(c1 / T)``.
    """
    operators = deep = 0
    waiting = [(expression, 0)]
    while waiting:
        node, depth = waiting.pop()
        counts = bool(node.children) and not isinstance(node, Negative)
        operators += counts
        deep += depth if isinstance(node, Constant) else 0
        waiting += [(child, depth + counts) for child in node.children]
    return len(constants(expression)), operators, deep


class _Merging:
    """Rewrites from the leaves up; constants are drawn out of functions."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.frozen: dict[Expression, Affine] = {}

    def affine(self, node: Expression) -> Affine:
        if not variables(node):
            return Affine(offset=node)
        match node:
            case Negative(operand):
                return self.affine(operand).times(Number(-1.0))
            case Binary("+", left, right):
                return self.sum(self.affine(left), self.affine(right))
            case Binary("-", left, right):
                return self.sum(
                    self.affine(left), self.affine(right).times(Number(-1.0))
                )
            case Binary("*" | "/" as operator, left, right):
                return self.product(operator, self.affine(left), self.affine(right))
            case Power(base, exponent):
                return self.power(self.affine(base), exponent)
            case Call("sqrt", operand):
                return self.power(self.affine(operand), _HALF)
            case Call(function, operand):
                return self.call(function, self.affine(operand))
            case Binary("^", base, exponent):
                return self.raised(self.affine(base), self.affine(exponent))
            case Comparison(operator, left, right):
                return self.comparison(operator, self.affine(left), self.affine(right))
        return Affine(((None, node),))

    def sum(self, a: Affine, b: Affine) -> Affine:
        total = a.plus(b)
        if not self.slots.free(total.offset):
            return total
        # the offset takes up what is added inside a factor: c1 (x + 3) + c2
        for slot, term in total.terms:
            inner = self.frozen.get(term)
            if inner is not None and inner.offset is not None:
                rest = tuple((s, t) for s, t in total.terms if t != term)
                opened = self.scaled(slot or ONE, inner.without_offset())
                added = Affine(offset=product(slot, inner.offset))
                return self.sum(Affine(rest, total.offset), opened.plus(added))
        return total

    def scaled(self, slot: Slot, inner: Affine) -> Affine:
        """Multiply by a slot: into the constants there are, or in front."""
        if inner.constant or inner.single or self.slots.scalable(inner):
            return inner.times(slot)
        core = self.slots.written(inner)
        self.frozen[core] = inner
        return Affine(((slot, core),))

    def drawn(self, inner: Affine, *, size: bool = False) -> tuple[Slot | None, Affine]:
        """Draw a factor out in front; with `size` a positive one, as of a root."""
        first = inner.terms[0][0]
        if not (inner.single or self.slots.scalable(inner)):
            return None, inner
        if first is None or not self.slots.usable(first):
            number = inner.single and first is not None and not size
            return (
                (first, Affine(((None, inner.terms[0][1]),)))
                if number
                else (
                    None,
                    inner,
                )
            )
        minus = size and self.slots.value(first) < 0
        slot: Slot = Negative(first) if minus else first
        head = (Number(-1.0) if minus else None, inner.terms[0][1])
        rest = tuple((Binary("/", s or ONE, slot), t) for s, t in inner.terms[1:])
        offset = None if inner.offset is None else Binary("/", inner.offset, slot)
        return slot, Affine((head, *rest), offset)

    def product(self, operator: str, a: Affine, b: Affine) -> Affine:
        if b.constant:
            by = b.offset or ONE
            return self.scaled(by if operator == "*" else Binary("/", ONE, by), a)
        if a.constant and operator == "*":
            return self.scaled(a.offset or ONE, b)
        below, b = self.drawn(b)
        if a.constant:
            above, top = a.offset, ONE
        else:
            above, a = self.drawn(a)
            top = self.slots.written(a)  # type: ignore[assignment]
        slot = above
        if below is not None:
            slot = Binary(operator, above or ONE, below)
        core = Binary(operator, top, self.slots.written(b))
        return Affine(((slot, core),))

    def power(self, base: Affine, exponent: Fraction) -> Affine:
        slot, inner = self.drawn(base, size=exponent.denominator != 1)
        core = self.slots.written(inner)
        return Affine(
            (
                (
                    None if slot is None else _power(slot, exponent),
                    _power(core, exponent),
                ),
            )
        )

    def call(self, function: str, operand: Affine) -> Affine:
        match function:
            case "exp" if operand.offset is not None and self.slots.usable(
                Call("exp", operand.offset)
            ):
                core = Call("exp", self.slots.written(operand.without_offset()))
                return Affine(((Call("exp", operand.offset), core),))
            case "log" | "log10":
                slot, inner = self.drawn(operand, size=True)
                core = Call(function, self.slots.written(inner))
                offset = None if slot is None else Call(function, slot)
                return Affine(((None, core),), offset)
            case "abs" | "cbrt":
                slot, inner = self.drawn(operand, size=function == "abs")
                core = Call(function, self.slots.written(inner))
                return Affine(((None if slot is None else Call(function, slot), core),))
        return Affine(((None, Call(function, self.slots.written(operand))),))

    def raised(self, base: Affine, exponent: Affine) -> Affine:
        if exponent.constant and exponent.offset is not None:
            slot, inner = self.drawn(base, size=True)
            core = _raised(self.slots.written(inner), self.slots.place(exponent.offset))
            return Affine(
                ((None if slot is None else _raised(slot, exponent.offset), core),)
            )
        if (
            base.constant
            and base.offset is not None
            and self.slots.value(base.offset) > 0
        ):
            front = None
            if exponent.offset is not None:
                front = _raised(base.offset, exponent.offset)
            exponent, own = exponent.without_offset(), base.offset
            if exponent.single and exponent.terms[0][0] is not None:
                own = _raised(own, exponent.terms[0][0])
                exponent = Affine(((None, exponent.terms[0][1]),))
            core = _raised(self.slots.place(own), self.slots.written(exponent))
            return Affine(((front, core),))
        core = _raised(self.slots.written(base), self.slots.written(exponent))
        return Affine(((None, core),))

    def comparison(self, operator: str, a: Affine, b: Affine) -> Affine:
        """Compare with what is constant on the right, and nothing in front if one."""
        if a.constant:
            operator, a, b = _MIRRORED[operator], b, a
        if a.offset is not None and b.offset is not None:
            b = b.plus(Affine(offset=a.offset).times(Number(-1.0)))
            a = a.without_offset()
        if b.constant and b.offset is not None and a.single:
            slot, inner = self.drawn(a)
            if slot is not None and self.slots.usable(slot):
                if self.slots.value(slot) < 0:
                    operator = _MIRRORED[operator]
                a, b = inner, Affine(offset=Binary("/", b.offset, slot))
        left, right = self.slots.written(a), self.slots.written(b)
        return Affine(((None, Comparison(operator, left, right)),))


def _power(base: Expression, exponent: Fraction) -> Expression:
    return Call("sqrt", base) if exponent == _HALF else Power(base, exponent)


def _raised(base: Expression, exponent: Expression) -> Expression:
    if isinstance(exponent, Number):
        return Power(base, Fraction(repr(exponent.value)))
    return Binary("^", base, exponent)


def _named(
    whole: Expression, slots: Slots, names: tuple[str, ...]
) -> tuple[Expression, dict[str, float]] | None:
    """Put constants of the old names for slots that are independent of each other.

    Slots that share constants and have fewer of these than they are remain written
    out in the old constants.
    """
    used = set(constants(whole))
    placed = {c: s for s, c in slots.placed.items() if c.name in used}
    tied = {c: s for c, s in placed.items() if c not in _independent(placed, slots)}
    reserved = {
        n.name for s in tied.values() for n in walk(s) if isinstance(n, Constant)
    }
    spare = iter(n for n in names if n not in reserved)
    parts: dict[Expression, Expression] = {c: s for c, s in tied.items()}  # noqa: C416
    values = {n: slots.values[n] for n in names if n in reserved}
    for name in constants(whole):
        old = Constant(name)
        if old in tied:
            continue
        new = next(spare, None)
        value = slots.value(placed[old])
        if new is None or not np.isfinite(value):
            return None
        parts[old] = Constant(new)
        values[new] = value
    return substituted(whole, parts), values


def _independent(placed: Mapping[Constant, Slot], slots: Slots) -> set[Constant]:
    """Return the slots whose groups, by shared constants, have full rank."""
    groups: list[tuple[set[str], list[Constant]]] = []
    for constant, slot in placed.items():
        own, members = set(constants(slot)), [constant]
        for other in [g for g in groups if g[0] & own]:
            groups.remove(other)
            own, members = own | other[0], other[1] + members
        groups.append((own, members))
    good: set[Constant] = set()
    for own, members in groups:
        by = [Constant(name) for name in sorted(own)]
        rows = [gradient(placed[c], by, {}, slots.values)[1][0] for c in members]
        slopes = np.array(rows) * np.abs([slots.values[c.name] or 1.0 for c in by])
        size = np.sqrt((slopes**2).sum(axis=1, keepdims=True))
        if np.isfinite(slopes).all() and (size > 0).all():
            rank = np.linalg.matrix_rank(slopes / size, tol=_DEPENDENT)
            if rank == len(members):
                good.update(members)
    return good
