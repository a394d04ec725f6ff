"""How each metric of the comparison is called, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's short name, meaning, and whether more is better.

    `scaled` metrics carry the unit of the target.
    """

    key: str
    label: str
    meaning: str
    more_is_better: bool = False
    scaled: bool = False
    short: str = ""

    @property
    def head(self) -> str:
        """Name for the head of a column."""
        return self.short or self.label

    def better(self, a: float, b: float) -> bool:
        """Whether `a` is a better value than `b`."""
        return a > b if self.more_is_better else a < b


_ALL: Final = (
    Metric("mae", "MAE", "mean absolute error", scaled=True),
    Metric("rmse", "RMSE", "root mean square error", scaled=True),
    Metric("medae", "MedAE", "median absolute error", scaled=True),
    Metric("max_error", "max. error", "largest absolute error", scaled=True),
    Metric("bias", "bias", "mean of predicted minus observed", scaled=True),
    Metric("r2", "R²", "share of the variance explained", more_is_better=True),
    Metric("mape", "MAPE", "mean absolute relative error"),
    Metric("spearman", "Spearman ρ", "rank correlation", more_is_better=True),
    Metric("pearson", "Pearson r", "linear correlation", more_is_better=True),
    Metric("accuracy", "accuracy", "share of right labels", more_is_better=True),
    Metric(
        "balanced_accuracy",
        "balanced accuracy",
        "mean of the shares right in each class",
        more_is_better=True,
        short="balanced acc.",
    ),
    Metric("auc", "AUC", "area under the ROC curve", more_is_better=True),
    Metric(
        "average_precision",
        "avg. precision",
        "area under the precision-recall curve",
        more_is_better=True,
    ),
    Metric("f1", "F1", "harmonic mean of precision and recall", more_is_better=True),
    Metric("mcc", "MCC", "Matthews correlation", more_is_better=True),
    Metric("sensitivity", "sensitivity", "share of ones found", more_is_better=True),
    Metric("specificity", "specificity", "share of zeros found", more_is_better=True),
    Metric("log_loss", "log loss", "mean negative log likelihood"),
    Metric("brier", "Brier score", "mean square error of the probability"),
)
_BY_KEY: Final = {m.key: m for m in _ALL}
_BY_MEANING: Final = {m.meaning: m for m in _ALL}
_OTHER_NAMES: Final = {
    "roc_auc": "auc",
    "logloss": "log_loss",
    "brier_score": "brier",
    "brier score": "brier",
    "recall": "sensitivity",
}


def metric(key: str) -> Metric:
    """Return what is known of a metric; an unknown one is shown by its name."""
    name = key.lower()
    found = _BY_KEY.get(_OTHER_NAMES.get(name, name)) or _BY_MEANING.get(name)
    if found is None:
        return Metric(key, key.replace("_", " "), "")
    return replace(found, key=key)
