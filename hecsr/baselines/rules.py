"""Known rules and the simplest guesses, as competitors.

Classes are 1 for single-phase and 0 for multi-phase. A rule reads the columns it
names and no other; it says NaN where they are unknown.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from hecsr.errors import HecsrError, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Side = Literal["above", "below"]
# What columns are called where a rule is printed.
_PRINTED: Final[Mapping[str, str]] = {
    "vec": "VEC",
    "efa": "EFA",
    "efa_predicted": "predicted EFA",
    "entropy": "mixing entropy",
    "enthalpy": "mixing enthalpy",
    "omega_inverse": "inverse Omega",
    "delta": "size mismatch",
}
FOUND_HERE = "; found on these labels, so its error is that of a choice already made"


class MeanPredictor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """The mean of the training target, whatever the sample."""

    label: ClassVar[str] = "Mean predictor"
    description: ClassVar[str] = "the mean of the training rows"

    def fit(self, X: Any, y: Any) -> MeanPredictor:
        """Take the mean."""
        del X
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X: Any) -> Array:
        """Return the mean for each row."""
        check_is_fitted(self)
        return np.full(len(X), self.mean_)


class MajorityClass(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The more frequent class, with its share among the training rows."""

    label: ClassVar[str] = "Majority class"
    description: ClassVar[str] = (
        "the more frequent class of the training rows; its share is the probability"
    )

    def fit(self, X: Any, y: Any) -> MajorityClass:
        """Take the share of class 1."""
        del X
        self.classes_ = np.array([0, 1])
        self.share_ = float(np.mean(np.asarray(y) == 1))
        return self

    def predict_proba(self, X: Any) -> Array:
        """Return the shares of both classes for each row."""
        check_is_fitted(self)
        return np.tile([1.0 - self.share_, self.share_], (len(X), 1))

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return the more frequent class for each row."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(np.int64)


class Threshold(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A rule that calls a sample single-phase on one side of a threshold."""

    def fit(self, X: pd.DataFrame, y: Any) -> Threshold:
        """Fit the threshold by balanced accuracy, where it is not given."""
        self.classes_ = np.array([0, 1])
        value = self._quantity(X)
        known = ~np.isnan(value)
        target = np.asarray(y)[known] == 1
        given, direction = self._given()
        if given is not None and direction is not None:
            self.threshold_, self.direction_ = given, direction
            return self
        if target.all() or not target.any():
            # known for one class only: nothing to fit on, so the rule stays silent
            self.threshold_, self.direction_ = float("nan"), direction or "above"
            return self
        sides: tuple[Side, ...] = ("above", "below")
        best = [
            (*best_threshold(value[known], target, side, given), side)
            for side in sides
            if direction in {None, side}
        ]
        _, self.threshold_, self.direction_ = max(best, key=itemgetter(0))
        return self

    def predict(self, X: pd.DataFrame) -> Array:
        """Return 1, 0, or NaN where the quantity is unknown."""
        check_is_fitted(self)
        value = self._quantity(X)
        single = on_side(value, self.threshold_, self.direction_)
        silent = np.isnan(value) | np.isnan(self.threshold_)
        return np.where(silent, np.nan, single.astype(np.float64))

    def _quantity(self, X: pd.DataFrame) -> Array:
        raise NotImplementedError

    def _given(self) -> tuple[float | None, Side | None]:
        """Threshold and single-phase side that the rule does not fit."""
        return None, "below"


class CrWithZrHf(Threshold):
    """Multi-phase if and only if Cr stands together with Zr or Hf."""

    label: ClassVar[str] = "Cr with Zr or Hf"
    description: ClassVar[str] = (
        "multi-phase if and only if Cr stands together with Zr or Hf; not fitted"
    )

    def _quantity(self, X: pd.DataFrame) -> Array:
        chromium, partner = _chromium_and_partner(X)
        return ((chromium > 0) & (partner > 0)).astype(np.float64)

    def _given(self) -> tuple[float | None, Side | None]:
        return 0.5, "below"


class ChromiumProduct(Threshold):
    """Multi-phase if and only if x_Cr (x_Zr + x_Hf) exceeds a fitted threshold."""

    label: ClassVar[str] = "Cr fraction × (Zr + Hf fraction)"
    description: ClassVar[str] = (
        "multi-phase if and only if x_Cr (x_Zr + x_Hf) > t; t fitted in each fold"
        + FOUND_HERE
    )

    def _quantity(self, X: pd.DataFrame) -> Array:
        chromium, partner = _chromium_and_partner(X)
        return chromium * partner


class ChromiumFraction(Threshold):
    """Multi-phase if and only if x_Cr exceeds a threshold beside Zr or Hf."""

    label: ClassVar[str] = "Cr fraction beside Zr or Hf"
    description: ClassVar[str] = (
        "multi-phase if and only if x_Cr > t and Zr or Hf is present; t fitted in"
        " each fold" + FOUND_HERE
    )

    def _quantity(self, X: pd.DataFrame) -> Array:
        chromium, partner = _chromium_and_partner(X)
        return np.where(partner > 0, chromium, 0.0)


class ThresholdRule(Threshold):
    """Single-phase if and only if one column lies above, or below, a threshold.

    Parameters
    ----------
    column
        Column to read; NaN where unknown, and the rule is silent there.
    threshold
        Where the classes part; None to fit it. 'above' includes the threshold.
    direction
        Side of the single-phase samples, 'above' or 'below'; None to fit it.
    """

    def __init__(
        self,
        column: str,
        *,
        threshold: float | None = None,
        direction: Side | None = None,
    ) -> None:
        self.column = column
        self.threshold = threshold
        self.direction = direction

    @property
    def label(self) -> str:
        """A few words for a table."""
        return self._stated(printed(self.column), "on one side of", capital=True)

    @property
    def description(self) -> str:
        """What the rule says and what of it is fitted."""
        fitted = [
            what
            for what, value in (("t", self.threshold), ("side", self.direction))
            if value is None
        ]
        how = f"{' and '.join(fitted)} fitted in each fold" if fitted else "not fitted"
        stated = self._stated(self.column, "against")
        return (
            f"single-phase if and only if {stated}; {how}; silent where"
            f" {self.column} is unknown"
        )

    def _stated(self, column: str, open_side: str, *, capital: bool = False) -> str:
        """State the rule, with the words for a side that is still to be fitted."""
        sign = {"above": "≥", "below": "<", None: open_side}[self.direction]
        limit = "t" if self.threshold is None else f"{self.threshold:g}"
        said = f"{column} {sign} {limit}"
        return said[:1].upper() + said[1:] if capital else said

    def _quantity(self, X: pd.DataFrame) -> Array:
        return column_of(X, self.column)

    def _given(self) -> tuple[float | None, Side | None]:
        if self.direction not in {"above", "below", None}:
            msg = f"direction '{self.direction}' is neither 'above' nor 'below'"
            raise HecsrError(msg)
        return self.threshold, self.direction


class PowerLaw(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """``y = a x^b`` of one positive column, by least squares on y.

    For hardness against load this is the indentation size effect alone.

    Parameters
    ----------
    column
        Column to read, such as the load.
    """

    def __init__(self, column: str) -> None:
        self.column = column

    @property
    def label(self) -> str:
        """A few words for a table."""
        return f"{self.column[:1].upper()}{self.column[1:]} alone"

    @property
    def description(self) -> str:
        """What the rule says and what of it is fitted."""
        return f"a {self.column}^b, a and b fitted in each fold"

    def fit(self, X: pd.DataFrame, y: Any) -> PowerLaw:
        """Fit a and b, starting from the straight line in logarithms."""
        from scipy.optimize import least_squares

        target = np.asarray(y, dtype=np.float64)
        if np.any(target <= 0):
            raise HecsrError("a power law needs a positive target")
        log_x = self._logarithm(X)
        if np.ptp(log_x) == 0:
            # one load: the law is its mean, whatever the exponent
            self.a_, self.b_ = float(target.mean()), 0.0
            self.shift_ = float(log_x[0])
            return self
        # about the mean logarithm a and b are nearly independent
        self.shift_ = float(log_x.mean())
        slope, level = np.polyfit(log_x - self.shift_, np.log(target), 1)
        centred = log_x - self.shift_

        def residual(p: Array) -> Array:
            return np.asarray(p[0] * np.exp(p[1] * centred) - target)

        found = least_squares(residual, [np.exp(level), slope])
        self.a_, self.b_ = float(found.x[0]), float(found.x[1])
        return self

    def predict(self, X: pd.DataFrame) -> Array:
        """Return a x^b; `a_` belongs to the mean logarithm of the training rows."""
        check_is_fitted(self)
        law: Array = self.a_ * np.exp(self.b_ * (self._logarithm(X) - self.shift_))
        return law

    def _logarithm(self, X: pd.DataFrame) -> Array:
        value = column_of(X, self.column)
        if not np.all(value > 0):
            msg = f"a power law of '{self.column}' needs positive values in every row"
            raise HecsrError(msg)
        return np.log(value)


def printed(column: str) -> str:
    """Return what a column is called in print; others than the usual by their name."""
    return _PRINTED.get(column, column)


def column_of(X: pd.DataFrame, name: str) -> Array:
    """Return a column as numbers, or say which columns there are."""
    if name not in X.columns:
        known = [str(c) for c in X.columns]
        raise HecsrError(f"a rule needs '{name}'; {suggestion(name, known)}")
    return np.asarray(X[name], dtype=np.float64)


def _chromium_and_partner(X: pd.DataFrame) -> tuple[Array, Array]:
    """Fractions of Cr and of Zr and Hf together."""
    if not any(str(c).startswith("x_") for c in X.columns):
        raise HecsrError("the rules on Cr need the element fractions x_Cr, x_Zr, x_Hf")

    def fraction(element: str) -> Array:
        # an element that no sample holds has no column
        name = f"x_{element}"
        return column_of(X, name) if name in X.columns else np.zeros(len(X))

    return fraction("Cr"), fraction("Zr") + fraction("Hf")


def on_side(value: Array, threshold: float, direction: str) -> NDArray[np.bool_]:
    """Return where a value lies above a threshold, which belongs to it, or below."""
    return value >= threshold if direction == "above" else value < threshold


def best_threshold(
    value: Array, single: NDArray[np.bool_], direction: Side, given: float | None
) -> tuple[float, float]:
    """Balanced accuracy and threshold; of equally good ones the middle one."""
    points = np.unique(value)
    candidates = np.concatenate(
        [points[:1], (points[1:] + points[:-1]) / 2, np.nextafter(points[-1:], np.inf)]
    )
    if given is not None:
        candidates = np.array([given])
    found = []
    for threshold in candidates:
        called = on_side(value, threshold, direction)
        found.append((called[single].mean() + (~called[~single]).mean()) / 2)
    best = np.flatnonzero(np.array(found) >= max(found) - 1e-12)
    middle = best[(len(best) - 1) // 2]
    return float(found[middle]), float(candidates[middle])
