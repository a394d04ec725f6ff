"""No poles: where the features may go, by interval arithmetic on their recipes.

A feature is refused if a denominator, a logarithm or a root in it can leave its
domain while every descriptor stays in its own, widened, range. The natural interval
extension (Moore, Kearfott, Cloud, Introduction to Interval Analysis, 2009, ch. 5,
10.1137/1.9780898717716) never understates the range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from hecsr.errors import SearchError
from hecsr.formula.expression import Array
from hecsr.search.sisso.building import operators as op

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.search.sisso.space import SearchSpace

Interval = tuple[Array, Array]
Mask = NDArray[np.bool_]
_REACH = 1e-12  # an end this close to zero, relative to the other, is zero
_ROWS = 2048  # rows looked at at once, so that no copy of them all is made


def descriptor_ranges(
    values: Array, descriptors: Sequence[Descriptor], space: SearchSpace
) -> Interval:
    """Return the range of each column over which poles are looked for.

    It is that of the rows given, widened, or what the space says.

    Raises
    ------
    SearchError
        If a range of the space does not hold the data.
    """
    low, high = values.min(axis=0), values.max(axis=0)
    if space.poles:
        return low, high
    width = (high - low) * space.other_margin
    wide_low, wide_high = low - width, high + width
    for j, d in enumerate(descriptors):
        if d.positive and low[j] > 0:
            wide_low[j] = low[j] / space.positive_margin
            wide_high[j] = high[j] * space.positive_margin
        if d.lower is not None:
            # data beyond a stated bound count as they are
            wide_low[j] = min(max(wide_low[j], d.lower), low[j])
            if d.lower == 0 and d.reaches_zero:
                wide_low[j] = min(0.0, low[j])
        if d.upper is not None:
            wide_high[j] = max(min(wide_high[j], d.upper), high[j])
    places = {d.name: j for j, d in enumerate(descriptors)}
    for name, least, most in space.ranges:
        if (j := places.get(name, -1)) < 0:
            continue
        if not least <= low[j] <= high[j] <= most:
            msg = (
                f"the range of '{name}' is {least:g} to {most:g}, but its values go "
                f"from {low[j]:g} to {high[j]:g}; widen the range or set rows aside"
            )
            raise SearchError(msg)
        wide_low[j], wide_high[j] = least, most
    return wide_low, wide_high


def apart_from_zero(x: Interval) -> Mask:
    """Say which ranges do not touch zero, so that they may divide."""
    return above_zero(x) | above_zero((-x[1], -x[0]))


def above_zero(x: Interval) -> Mask:
    """Say which ranges are positive, so that they have a logarithm."""
    return np.asarray(x[0] > _REACH * np.abs(x[1]), dtype=np.bool_)


def divisors(x: Interval, values: Array, space: SearchSpace) -> Mask:
    """Say which features, by their ranges or rows, may stand below a fraction bar."""
    if not space.poles:
        return apart_from_zero(x)
    divides = np.empty(len(values), dtype=np.bool_)
    least = space.value_rule(stored=True).smallest
    for start in range(0, len(values), _ROWS):
        size = np.abs(values[start : start + _ROWS]).min(axis=1)
        divides[start : start + _ROWS] = size > least
    return divides


def lawful(sign: str, x: Interval, space: SearchSpace) -> Mask:
    """Say where a function is defined on whole ranges of its operand."""
    if sign in space.rules.positive:
        return np.asarray(x[0] > 0, np.bool_) if space.poles else above_zero(x)
    if sign in space.rules.not_negative:
        return np.asarray(x[0] >= 0, dtype=np.bool_)
    return np.ones(len(x[0]), dtype=np.bool_)


def row_ranges(values: Array) -> Interval:
    """Return the smallest and largest value of each row."""
    if not values.size:
        return np.empty(len(values)), np.empty(len(values))
    return values.min(axis=1), values.max(axis=1)


def image(code: int, x: Interval, y: Interval) -> Interval:
    """Return the ranges of an operator's results where it is lawful."""
    with np.errstate(all="ignore"):
        if code == op.ADD:
            return x[0] + y[0], x[1] + y[1]
        if code == op.SUBTRACT:
            return x[0] - y[1], x[1] - y[0]
        if code == op.DIFFERENCE:
            return _absolute((x[0] - y[1], x[1] - y[0]))
        if code == op.MULTIPLY:
            return _corners(x, y)
        if code == op.DIVIDE:
            return _corners(x, (1 / y[1], 1 / y[0]))
        if code == op.INVERSE:
            return 1 / x[1], 1 / x[0]
        if code in (op.SQUARE, op.SIXTH):
            power = 2.0 if code == op.SQUARE else 6.0
            size = _absolute(x)
            return size[0] ** power, size[1] ** power
        if code == op.ABS:
            return _absolute(x)
        if code == op.EXP_MINUS:
            return np.exp(-x[1]), np.exp(-x[0])
        if code in (op.SIN, op.COS):
            return np.full_like(x[0], -1.0), np.ones_like(x[0])
        return _RISING[code](x[0]), _RISING[code](x[1])


def _cube(x: Array) -> Array:
    return np.asarray(x**3)


_RISING: Final[dict[int, Callable[[Array], Array]]] = {
    op.CUBE: _cube,
    op.SQRT: np.sqrt,
    op.CBRT: np.cbrt,
    op.EXP: np.exp,
    op.LOG: np.log,
}


def _absolute(x: Interval) -> Interval:
    crosses = (x[0] <= 0) & (x[1] >= 0)
    ends = np.abs(x[0]), np.abs(x[1])
    return np.where(crosses, 0.0, np.minimum(*ends)), np.maximum(*ends)


def _corners(x: Interval, y: Interval) -> Interval:
    products = np.stack([a * b for a in x for b in y])
    return products.min(axis=0), products.max(axis=0)
