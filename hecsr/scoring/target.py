"""The target of a formula that is scored: numbers, in the formula's unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.descriptors.supplied import converted
from hecsr.errors import HecsrError
from hecsr.units import NUMBER, Unit, parse_unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from hecsr.formula.published.published import Published

    Array = NDArray[np.float64]


def target_in_unit(
    y: ArrayLike, unit: str | None, published: Published
) -> tuple[Array, Unit]:
    """Return the target in the formula's unit, and that unit.

    Raises
    ------
    HecsrError
        If it is not one number for each row, or the unit is unlike the formula's.
    """
    observed = _observed(y)
    if published.task == "classification":
        return observed, NUMBER
    given = None if unit is None else parse_unit(unit)
    if given is None or published.unit is None:
        return observed, given or published.unit or NUMBER
    return converted(observed, given, published.unit), published.unit


def _observed(y: ArrayLike) -> Array:
    try:
        observed = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        cells = np.asarray(y, dtype=object).ravel().tolist()
        at = next((i for i, cell in enumerate(cells) if not _is_number(cell)), 0)
        msg = (
            f"the target must hold numbers, classes as 0 and 1; row {at + 1} has "
            f"{str(cells[at])[:40]!r}"
        )
        raise HecsrError(msg) from None
    if observed.ndim != 1:
        msg = f"the target has {observed.ndim} dimensions; give one value for each row"
        raise HecsrError(msg)
    return observed


def _is_number(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True
