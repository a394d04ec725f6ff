"""An inverse power law of the number of training rows, and what more rows would do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

EXPONENTS: Final = np.geomspace(0.1, 2.0, 61)
"""Exponents that are tried; beyond them few sizes cannot tell a law from a step."""
LEVEL: Final = 0.95
FEWEST: Final = 4
"""Sizes that three constants are fitted to at least."""
HELPS: Final = 0.98
LITTLE: Final = 0.95
"""More rows help if the ratio of errors is surely below HELPS; they help little if it
is surely above LITTLE."""
_SPAN: Final = 0.5
"""A curve is called flat over a doubling of the rows at least."""


@dataclass(frozen=True)
class Outlook:
    """The law ``error = floor + scale n^-exponent`` and the error at twice the rows.

    Attributes
    ----------
    now, doubled
        Error by the law at the most training rows and at twice as many; an
        extrapolation. `ratio` is their quotient with its bootstrap interval.
    verdict
        'helps', 'little', 'flat', or 'cannot tell'. Of a law that is not to be trusted
        (`level`, `at_limit` or `misses`) only the last two are said.
    last, last_se
        Held-out error at the most training rows, mean over the folds, and its standard
        error.
    flat_from
        Number of rows from which on the error is shown to change by less than 5 %;
        NaN where there is none.
    """

    floor: float
    scale: float
    exponent: float
    rows: float
    now: float
    doubled: float
    ratio: float
    ratio_low: float
    ratio_high: float
    verdict: str
    last: float = math.nan
    last_se: float = math.nan
    flat_from: float = math.nan

    @property
    def level(self) -> bool:
        """Whether the law has no falling part, so that its exponent says nothing."""
        return self.scale <= 0

    @property
    def at_limit(self) -> str:
        """'lower' or 'upper' where the exponent is the last one tried, else ''."""
        if self.level:
            return ""
        if np.isclose(self.exponent, EXPONENTS[0]):
            return "lower"
        return "upper" if np.isclose(self.exponent, EXPONENTS[-1]) else ""

    @property
    def misses(self) -> bool:
        """Whether the law is off the last point by more than its standard error."""
        return abs(self.now - self.last) > self.last_se

    def at(self, rows: Array) -> Array:
        """Return the error by the law at numbers of training rows."""
        return np.asarray(self.floor + self.scale * rows**-self.exponent)


def power_law(rows: Array, errors: Array) -> tuple[Array, Array, Array]:
    """Fit ``a + b n^-c`` with a, b >= 0 by least squares, c on a grid of exponents.

    The form is that of learning curves (Cortes, Jackel, Solla, Vapnik and Denker,
    Adv. Neural Inf. Process. Syst. 6, 327 (1993)).

    Parameters
    ----------
    rows
        Shape (k,).
    errors
        Shape (m, k): m curves, each fitted by itself.

    Returns
    -------
    a, b, c : ndarray of shape (m,)

    Examples
    --------
    >>> n = np.array([20.0, 40.0, 60.0, 80.0, 100.0])
    >>> a, b, c = power_law(n, 2 + 30 / n[None, :])
    >>> a.round(1).tolist(), b.round().tolist(), c.round(1).tolist()
    ([2.0], [30.0], [1.0])
    """
    errors = np.atleast_2d(errors)
    middle = errors.mean(axis=1)
    best = np.full(len(errors), np.inf)
    found = np.zeros((3, len(errors)))
    for c in EXPONENTS:
        x = rows**-c
        away = x - x.mean()
        b = (errors @ away) / (away @ away)
        a = middle - b * x.mean()
        # at a border of the region the other constant alone is fitted
        b = np.where(a < 0, (errors @ x) / (x @ x), b)
        a = np.maximum(a, 0.0)
        falls = b >= 0
        a, b = np.where(falls, a, middle), np.where(falls, b, 0.0)
        left = ((errors - a[:, None] - b[:, None] * x) ** 2).sum(axis=1)
        better = left < best
        best = np.where(better, left, best)
        found[:, better] = np.stack([a, b, np.full(len(a), c)])[:, better]
    return found[0], found[1], found[2]


def outlook(
    rows: Array, errors: Array, *, draws: int = 1000, seed: int = 0
) -> Outlook | None:
    """Say what twice the rows would be expected to do, with a bootstrap over folds.

    Parameters
    ----------
    rows
        Mean number of training rows of each size, rising; shape (k,).
    errors
        Held-out error of each fold and size, the mean over the subsets; shape
        (folds, k). Folds with a missing value are left out.

    Returns
    -------
    Outlook or None
        None with fewer than four sizes or two whole folds.
    """
    errors = errors[np.isfinite(errors).all(axis=1)]
    if len(rows) < FEWEST or len(errors) < 2:
        return None
    random = np.random.default_rng(seed)
    drawn = random.integers(len(errors), size=(draws, len(errors)))
    curves = np.vstack([errors.mean(axis=0)[None, :], errors[drawn].mean(axis=1)])
    a, b, c = power_law(rows, curves)
    most = float(rows[-1])
    now, doubled = a + b * most**-c, a + b * (2 * most) ** -c
    # an error of nought cannot fall
    ratio = np.divide(doubled, now, out=np.ones_like(now), where=now > 0)
    tail = (1 - LEVEL) / 2
    low, high = (float(q) for q in np.quantile(ratio[1:], [tail, 1 - tail]))
    found = Outlook(
        floor=float(a[0]),
        scale=float(b[0]),
        exponent=float(c[0]),
        rows=most,
        now=float(now[0]),
        doubled=float(doubled[0]),
        ratio=float(ratio[0]),
        ratio_low=low,
        ratio_high=high,
        verdict="cannot tell",
        last=float(errors[:, -1].mean()),
        last_se=float(errors[:, -1].std(ddof=1) / np.sqrt(len(errors))),
        flat_from=_flat_from(rows, errors),
    )
    return replace(found, verdict=_verdict(found))


def _verdict(found: Outlook) -> str:
    if found.level or found.at_limit or found.misses:
        return "flat" if math.isfinite(found.flat_from) else "cannot tell"
    if found.ratio_low > LITTLE:
        return "little"
    return "helps" if found.ratio_high < HELPS else "cannot tell"


def _flat_from(rows: Array, errors: Array) -> float:
    """Return the number of rows from which on the error is shown to stay the same.

    At every size from there on the t-interval of the difference from the last one,
    paired over the folds, lies within 5 % of the last error.
    """
    from scipy.special import stdtrit

    last = errors[:, -1]
    gaps = errors - last[:, None]
    k = len(errors)
    t = float(stdtrit(k - 1, (1 + LEVEL) / 2))
    reach = np.abs(gaps.mean(axis=0)) + t * gaps.std(axis=0, ddof=1) / np.sqrt(k)
    same = reach <= (1 - LITTLE) * last.mean()
    first = len(rows) - int(np.argmin(same[::-1])) if not same.all() else 0
    if first == len(rows) or rows[first] > _SPAN * rows[-1]:
        return math.nan
    return float(rows[first])
