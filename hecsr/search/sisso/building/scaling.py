"""Powers of two that bring the descriptors near one, a factor per base quantity.

Products of several rungs of metres or joules per atom leave the range of numbers
where those of pm or eV do not. Quantities of one dimension share a factor, so that
what may be added still may, and a power of two changes no digit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.space import SearchSpace

_STEP = 12
"""Base factors are powers of two to multiples of this, so that roots are such too."""


def shifts(
    values: Array, descriptors: Sequence[Descriptor], space: SearchSpace
) -> NDArray[np.int32]:
    """Return the power of two that each column is multiplied by.

    Pure numbers stay as they are, and everything does if rules depend on units.
    Base quantities get their factors by least squares on the largest values.
    """
    none = np.zeros(len(descriptors), dtype=np.int32)
    if space.absolute or not values.size:
        return none
    exponents = [[e * _STEP for e in d.unit.dimension.exponents] for d in descriptors]
    if any(e.denominator > 1 for row in exponents for e in row):
        # such a root of a power of two would not be one
        return none
    steps = np.array(exponents, dtype=np.int64)
    size = np.frexp(np.abs(values).max(axis=0))[1]
    known = steps.any(axis=1) & values.any(axis=0)
    if not known.any():
        return none
    factors = np.linalg.lstsq(steps[known], -size[known], rcond=None)[0]
    return np.asarray(steps @ np.rint(factors).astype(np.int64), dtype=np.int32)
