"""Which of very many points are drawn, so that a figure stays a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def evenly(value: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """Return the places of at most so many values, evenly spaced in their order.

    The least and the greatest are among them; the places ascend.
    """
    if len(value) <= most:
        return np.arange(len(value))
    order = np.argsort(value, kind="stable")
    steps = np.rint(np.linspace(0, len(value) - 1, most)).astype(int)
    return np.sort(order[steps])
