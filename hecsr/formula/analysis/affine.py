"""Sums of terms with constants in front, as which constants can be merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hecsr.formula.expression import (
    Binary,
    Constant,
    Expression,
    Negative,
    Number,
    evaluate,
    walk,
)

Slot = Expression
"""An expression of constants and numbers alone, for which one constant may stand."""

ONE = Number(1.0)


@dataclass(frozen=True)
class Affine:
    """``s1 t1 + s2 t2 + ... + offset``; a slot that is None is not there."""

    terms: tuple[tuple[Slot | None, Expression], ...] = ()
    offset: Slot | None = None

    @property
    def constant(self) -> bool:
        """Whether no term holds a variable."""
        return not self.terms

    @property
    def single(self) -> bool:
        """Whether it is one term and nothing else."""
        return len(self.terms) == 1 and self.offset is None

    def without_offset(self) -> Affine:
        """Return the terms alone."""
        return Affine(self.terms)

    def times(self, slot: Slot) -> Affine:
        """Return it with every slot multiplied."""
        terms = tuple((product(s, slot), t) for s, t in self.terms)
        offset = None if self.offset is None else product(self.offset, slot)
        return Affine(terms, offset)

    def plus(self, other: Affine) -> Affine:
        """Add; the slots of equal terms are added."""
        found: dict[Expression, Slot | None] = {t: s for s, t in self.terms}
        for slot, term in other.terms:
            if term in found:
                slot = Binary("+", found[term] or ONE, slot or ONE)  # noqa: PLW2901
            found[term] = slot
        offset = self.offset if other.offset is None else other.offset
        if self.offset is not None and other.offset is not None:
            offset = Binary("+", self.offset, other.offset)
        return Affine(tuple((s, t) for t, s in found.items()), offset)


class Slots:
    """What is known of the constants: their values, and which stand but once."""

    def __init__(self, expression: Expression, values: Mapping[str, float]) -> None:
        self.values = values
        names = [n.name for n in walk(expression) if isinstance(n, Constant)]
        self.once = {n for n in names if names.count(n) == 1}
        self.placed: dict[Slot, Constant] = {}

    def value(self, slot: Slot) -> float:
        """Return the value of a slot, NaN where it has none."""
        return float(evaluate(slot, {}, self.values))

    def usable(self, slot: Slot | None) -> bool:
        """Whether a slot holds a constant and may be divided by."""
        if slot is None or not _constants(slot):
            return False
        return bool(np.isfinite(self.value(slot))) and self.value(slot) != 0

    def free(self, slot: Slot | None) -> bool:
        """Whether a slot can take any value without a change elsewhere."""
        return slot is not None and any(n in self.once for n in _constants(slot))

    def scalable(self, affine: Affine) -> bool:
        """Whether a factor of the whole can be taken up by its own constants."""
        offset = affine.offset is None or self.free(affine.offset)
        return (
            bool(affine.terms)
            and offset
            and all(self.free(slot) for slot, _ in affine.terms)
        )

    def place(self, slot: Slot) -> Expression:
        """Return what stands for a slot: a new constant, or a number."""
        if not _constants(slot):
            value = self.value(slot)
            return Number(value) if np.isfinite(value) else slot
        # no constant of a formula is called so
        return self.placed.setdefault(slot, Constant(f"slot {len(self.placed)}"))

    def written(self, affine: Affine) -> Expression:
        """Write it with a new constant for each slot, the offset last."""
        whole: Expression | None = None
        for slot, term in affine.terms:
            part, minus = term, False
            if slot is not None:
                number = self.place(slot)
                minus = number == Number(-1.0)
                if not minus and number != ONE:
                    part = Binary("*", number, term)
            if whole is None:
                whole = Negative(part) if minus else part
            else:
                whole = Binary("-" if minus else "+", whole, part)
        if affine.offset is None:
            return whole or Number(0.0)
        offset = self.place(affine.offset)
        return offset if whole is None else Binary("+", whole, offset)


def product(a: Slot | None, b: Slot | None) -> Slot | None:
    """Multiply slots, of which None is 1."""
    if a is None or b is None:
        return b if a is None else a
    return Binary("*", a, b)


def _constants(slot: Slot) -> list[str]:
    return [n.name for n in walk(slot) if isinstance(n, Constant)]
