"""What mistakes about two classes weigh: at fit by weights, at decision by costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array


def class_weighted(
    class_weight: str | Mapping[Any, float] | None,
    classes: NDArray[Any],
    y: Array,
    weights: Array | None,
) -> Array | None:
    """Return the weights of samples times those of their classes.

    Parameters
    ----------
    class_weight
        None, 'balanced', or weights by label, 1 where a label is not named.
        'balanced' gives both classes half of the total weight.
    classes
        The two labels.
    y
        Position of each sample's label, 0 or 1.
    weights
        Weights of the samples, None where all are equal.

    Raises
    ------
    SearchError
        If that is no class weight for these labels.
    """
    if class_weight is None:
        return weights
    own = np.ones(len(y)) if weights is None else weights
    second = y == 1
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise SearchError(
                f"class_weight is '{class_weight}'; allowed: None, 'balanced', or "
                "weights by label"
            )
        shares = np.array([own[~second].sum(), own[second].sum()])
        if not shares.all():
            return weights
        return np.asarray(own * (shares.sum() / (2 * shares))[second.astype(np.intp)])
    factors = [class_weight.get(label, 1.0) for label in classes.tolist()]
    unknown = [label for label in class_weight if label not in classes.tolist()]
    if unknown:
        there = " and ".join(repr(label) for label in classes.tolist())
        raise SearchError(
            f"class_weight names {', '.join(map(repr, unknown))}, but the classes are "
            f"{there}"
        )
    if not all(np.isfinite(f) and f > 0 for f in factors):
        raise SearchError(
            f"class_weight holds {factors}; each must be positive and finite"
        )
    return np.asarray(own * np.array(factors, dtype=np.float64)[second.astype(np.intp)])


def threshold_of(costs: Sequence[float]) -> float:
    """Return the probability above which calling the second class costs less.

    With costs c21 of calling a first a second and c12 of calling a second a first,
    and none of being right, it is c21 / (c21 + c12): Elkan, The foundations of
    cost-sensitive learning, Proc. 17th IJCAI, 973 (2001), equation 2.

    Raises
    ------
    SearchError
        If the costs are not two finite numbers, not negative, one above 0.

    Examples
    --------
    >>> threshold_of((3, 1))
    0.75
    """
    given = np.asarray(costs, dtype=np.float64)
    if (
        given.shape != (2,)
        or not np.isfinite(given).all()
        or (given < 0).any()
        or not given.any()
    ):
        raise SearchError(
            f"costs are {costs!r}; needed are two numbers, not negative and not both "
            "zero: of calling a first class a second, and a second a first"
        )
    one, two = given / given.max()
    return float(one / (one + two))
