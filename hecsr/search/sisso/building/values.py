"""Which values a feature may have: finite, and varying by more than rounding."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.features import Recipes
    from hecsr.search.sisso.building.weighting import Weighting


DEPENDENT: Final = 1e-10
"""Features of which less is left, squared, outside others depend on them."""


@dataclass(frozen=True)
class ValueRule:
    """Bounds on a feature's values; the default ones do not depend on its unit.

    Attributes
    ----------
    constant_below
        Least standard deviation, as a share of the root mean square (of the
        operands' for a sum or difference).
    spread
        Least distance of a value from the first one, in the feature's unit.
    smallest, largest
        Bounds of the largest absolute value, in the feature's unit.
    """

    constant_below: float = 1e-10
    spread: float = 0.0
    smallest: float = 0.0
    largest: float = np.inf

    @property
    def limits(self) -> tuple[float, float, float, float]:
        """The numbers, as the compiled loops take them."""
        a, b, c, d = astuple(self)
        return a, b, c, d


def standard_rows(
    values: Array,
    reference: Array,
    recipes: Recipes,
    weighting: Weighting,
    rule: ValueRule,
    out: Array,
) -> NDArray[np.bool_]:
    """Evaluate recipes into rows whose products are correlations.

    Parameters
    ----------
    values
        Stored features, one per row.
    reference
        Root mean square of each stored feature.
    out
        One row per recipe; within each task centred (if the model has an
        intercept), of unit norm, root weights in. Rows refused hold anything.

    Returns
    -------
    array
        Which recipes keep to the rule.
    """
    from hecsr.search.sisso.building.kernels import fill_rows

    return np.asarray(
        fill_rows(
            values,
            reference,
            recipes.operator,
            recipes.left,
            recipes.right,
            weighting.share,
            weighting.rootshare,
            weighting.bounds,
            weighting.centred,
            rule.limits,
            out,
        )
    )


def root_mean_square(values: Array, share: Array) -> Array:
    """Return the weighted root mean square of each row, free of overflow."""
    top = np.abs(values).max(axis=1)
    top[top == 0] = 1.0
    return np.asarray(top * np.sqrt(np.square(values / top[:, None]) @ share))
