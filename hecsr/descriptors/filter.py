"""Removal of constant and redundant descriptors; fitted on training rows only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.errors import HecsrError, suggestion
from hecsr.result import RemovedDescriptor

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

# A spread of this share of the largest value is rounding of an equal quantity:
# the mixing entropy of equimolar compositions varies in the sixteenth digit.
CONSTANT = 1e-9


class RedundancyFilter(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Remove constant columns and those that correlate with a kept one.

    Columns are gone through from the simplest and most physical on: first
    `required`, then by `Descriptor.rank`, then in the order of the table. A column
    is kept unless its spread is nil or its Pearson ``|r|`` with a column already
    kept exceeds `threshold`.

    Parameters
    ----------
    threshold
        Largest ``|r|`` that two kept columns may have, between 0 and 1.
    descriptors
        The descriptors of the columns, for their rank; a column without one takes
        the rank of a supplied column.
    required
        Columns that are always kept, such as the load of a hardness.

    Attributes
    ----------
    kept_ : tuple of str
        Names kept, in the order of the table.
    removed_ : list of RemovedDescriptor
        Names removed, in the order of the table, with the kept column that
        correlates most with each, and that r.
    """

    def __init__(
        self,
        threshold: float = 0.9,
        *,
        descriptors: Sequence[Descriptor] | None = None,
        required: Sequence[str] = (),
    ) -> None:
        self.threshold = threshold
        self.descriptors = descriptors
        self.required = required

    def fit(self, X: Any, y: Any = None) -> RedundancyFilter:
        """Decide which columns to keep.

        Raises
        ------
        HecsrError
            If the threshold lies outside 0 to 1 or a required column is missing.
        ValueError
            If a value is missing or infinite.
        """
        del y
        if not 0 < self.threshold <= 1:
            msg = f"the correlation threshold is {self.threshold}; give one in (0, 1]"
            raise HecsrError(msg)
        values = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        names = self._input_names()
        for name in self.required:
            if name not in names:
                msg = f"no column '{name}' to require; {suggestion(name, names)}"
                raise HecsrError(msg)
        kept, removed = self._choose(values, names)
        self._kept_index = np.array(sorted(kept), dtype=np.intp)
        self.kept_ = tuple(names[i] for i in self._kept_index)
        self.removed_ = [removed[i] for i in sorted(removed)]
        return self

    def transform(self, X: Any) -> NDArray[np.float64] | pd.DataFrame:
        """Return the kept columns; of a DataFrame, as a DataFrame."""
        check_is_fitted(self)
        if hasattr(X, "columns"):
            validate_data(self, X, reset=False, skip_check_array=True)
            kept: pd.DataFrame = X.iloc[:, self._kept_index]
            return kept
        values = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(values[:, self._kept_index], dtype=np.float64)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names of the kept columns."""
        check_is_fitted(self)
        if input_features is not None:
            given = [str(name) for name in input_features]
            if hasattr(self, "feature_names_in_") and given != self._input_names():
                raise ValueError("input_features is not equal to feature_names_in_")
            return np.array([given[i] for i in self._kept_index], dtype=object)
        return np.array(self.kept_, dtype=object)

    def _input_names(self) -> list[str]:
        if hasattr(self, "feature_names_in_"):
            return [str(name) for name in self.feature_names_in_]
        return [f"x{i}" for i in range(self.n_features_in_)]

    def _choose(
        self, values: NDArray[np.float64], names: list[str]
    ) -> tuple[list[int], dict[int, RemovedDescriptor]]:
        rank = {d.name: d.rank for d in self.descriptors or ()}
        required = set(self.required)
        order = sorted(
            range(len(names)),
            key=lambda i: (
                names[i] not in required,
                rank.get(names[i], plain(names[i]).rank),
                i,
            ),
        )
        flat = _constant(values)
        unit = _standardised(values, flat)
        kept: list[int] = []
        removed: dict[int, RemovedDescriptor] = {}
        for i in order:
            if names[i] in required:
                kept.append(i)
                continue
            if flat[i]:
                removed[i] = RemovedDescriptor(names[i], "constant")
                continue
            if kept:
                r = unit[:, kept].T @ unit[:, i]
                closest = int(np.argmax(np.abs(r)))
                if abs(r[closest]) > self.threshold:
                    removed[i] = RemovedDescriptor(
                        names[i],
                        f"|r| > {self.threshold:g}",
                        names[kept[closest]],
                        float(np.clip(r[closest], -1.0, 1.0)),
                    )
                    continue
            kept.append(i)
        return kept, removed


def _constant(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which columns have no spread beyond rounding."""
    spread = values.max(axis=0) - values.min(axis=0)
    flat: NDArray[np.bool_] = spread <= CONSTANT * np.abs(values).max(axis=0)
    return flat


def _standardised(
    values: NDArray[np.float64], flat: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Columns of mean 0 and length 1; a constant column becomes zero."""
    # dividing by the largest value first keeps squares of extreme units finite
    largest = np.abs(values).max(axis=0)
    scaled = values / np.where(largest == 0, 1.0, largest)
    centred = scaled - scaled.mean(axis=0)
    centred[:, flat] = 0.0
    length = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    unit: NDArray[np.float64] = centred / np.where(length == 0, 1.0, length)
    return unit
