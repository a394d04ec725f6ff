"""Stored features: their values as rows, and the recipe each was made by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecsr.formula.expression import Array, Binary, Expression, Number, Variable
from hecsr.search.sisso.building import operators as op

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor

_BINARY = np.zeros(128, dtype=np.int32)
_BINARY[[code for code, operator in op.BY_CODE.items() if operator.binary]] = 1
_COLUMNS = (
    *("complexity", "rung", "unit", "low", "high"),
    *("argument", "twin", "divisor", "bits"),
)


@dataclass(frozen=True)
class Recipes:
    """An operator and the stored rows it takes, for many features at once.

    `right` repeats `left` for operators of one operand.
    """

    operator: NDArray[np.int8]
    left: NDArray[np.int32]
    right: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.operator)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Recipes:
        """Return some of them."""
        return Recipes(self.operator[index], self.left[index], self.right[index])

    @staticmethod
    def join(parts: Sequence[Recipes]) -> Recipes:
        """Return them one after the other."""
        if not parts:
            return Recipes(
                np.empty(0, np.int8), np.empty(0, np.int32), np.empty(0, np.int32)
            )
        return Recipes(
            np.concatenate([p.operator for p in parts]),
            np.concatenate([p.left for p in parts]),
            np.concatenate([p.right for p in parts]),
        )

    @staticmethod
    def of(code: int, left: NDArray[np.intp], right: NDArray[np.intp]) -> Recipes:
        """Return one operator applied to pairs of rows."""
        return Recipes(
            np.full(len(left), code, np.int8),
            left.astype(np.int32),
            right.astype(np.int32),
        )


@dataclass(frozen=True)
class Features:
    """Features of the stored rungs, simple ones first.

    Attributes
    ----------
    values
        One row per feature, C-contiguous; no columns while only counting.
    recipes
        For a descriptor the operator is LEAF and `left` its column.
    complexity
        Operator nodes of the expression.
    unit
        Id in the :class:`UnitTable`.
    low, high
        Range of the values, by interval arithmetic.
    argument
        A descriptor over its reference value, which only functions take.
    twin
        Minus another feature, lawful wherever that one is.
    divisor
        May stand below a fraction bar.
    bits
        Bit k is set if the feature contains the k-th required descriptor.
    costs
        What each operator adds to the complexity, by its code.
    """

    values: Array
    recipes: Recipes
    complexity: NDArray[np.int32]
    rung: NDArray[np.int8]
    unit: NDArray[np.int32]
    low: Array
    high: Array
    argument: NDArray[np.bool_]
    twin: NDArray[np.bool_]
    divisor: NDArray[np.bool_]
    bits: NDArray[np.int64]
    costs: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.recipes)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> Features:
        """Return some of the features; recipes keep pointing at the old rows."""
        parts = {name: getattr(self, name)[index] for name in _COLUMNS}
        recipes = self.recipes.take(index)
        return replace(self, values=self.values[index], recipes=recipes, **parts)

    def join(self, other: Features, values: Array) -> Features:
        """Put the features of `other` after these; `values` are those of both."""
        parts = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in _COLUMNS
        }
        recipes = Recipes.join([self.recipes, other.recipes])
        return replace(self, values=values, recipes=recipes, **parts)

    def nodes(self, recipes: Recipes) -> NDArray[np.int32]:
        """Return the operator nodes of features made from these."""
        left = self.complexity[recipes.left]
        right = self.complexity[recipes.right] * _BINARY[recipes.operator]
        return np.asarray(left + right + self.costs[recipes.operator], dtype=np.int32)

    def expression(
        self, code: int, left: int, right: int, descriptors: Sequence[Descriptor]
    ) -> Expression:
        """Write out the feature that an operator makes of stored ones.

        With code LEAF it is the stored feature `left` itself.
        """
        if code == op.LEAF:
            return self._stored(left, descriptors)
        first = self._stored(left, descriptors)
        if op.BY_CODE[code].binary:
            return op.apply(code, first, self._stored(right, descriptors))
        return op.apply(code, first, None)

    def _stored(self, row: int, descriptors: Sequence[Descriptor]) -> Expression:
        code = int(self.recipes.operator[row])
        left, right = int(self.recipes.left[row]), int(self.recipes.right[row])
        if code == op.LEAF:
            return Variable(descriptors[left].name)
        if code == op.SCALED:
            d = descriptors[left]
            return Binary("/", Variable(d.name), Number(float(d.scale or 1.0)))
        return self.expression(code, left, right, descriptors)
