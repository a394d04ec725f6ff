"""From which probability on class 1 is called."""

from __future__ import annotations

from typing import Literal

Decision = Literal["half", "share"] | float
"""One half, the share of class 1 among the rows of a fit, or a probability."""


def called_from(decision: Decision, share: float) -> float:
    """Return the probability from which on class 1 is called.

    Parameters
    ----------
    share
        Of class 1 among the rows that were fitted.

    Examples
    --------
    >>> called_from("share", 0.73), called_from("half", 0.73), called_from(0.75, 0.73)
    (0.73, 0.5, 0.75)
    """
    if decision == "share":
        return share
    return 0.5 if decision == "half" else float(decision)
