"""The figures that the sentences of a verdict are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hecsr.validation.frames import fold_mean
from hecsr.validation.metrics import LOWER_IS_BETTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.result import Competitor, FormulaResult, Scheme
    from hecsr.study.full import LongValidation
    from hecsr.validation.applicability import Applicability
    from hecsr.validation.compare import Comparison
    from hecsr.validation.significance import Significance

_NAMES: Final = ("Gaussian",)
# In a unit, and so printed to two decimals.
_SCALED: Final = frozenset({"mae", "rmse"})


@dataclass(frozen=True, eq=False)
class Case:
    """What the sentences are made from; `best` is the best formula procedure."""

    comparison: Comparison
    differing: Significance
    formulas: Sequence[FormulaResult]
    schemes: Sequence[Scheme]
    applicability: Applicability
    long: LongValidation | None
    unit: str
    best: Competitor

    @property
    def metric(self) -> str:
        """The score that is compared."""
        return self.differing.metric

    def mean(self, name: str, scheme: str = "") -> float:
        """Return a competitor's mean over the folds, of the main scheme by default."""
        which = scheme or self.comparison.main
        return fold_mean(self.comparison.scores, which, name, self.metric)

    def shown(self, name: str, scheme: str = "") -> str:
        """Return a competitor's score in words."""
        return self.written(self.mean(name, scheme))

    def written(self, value: float) -> str:
        """Return a score in words, as 'MAE 3.80 GPa'."""
        return f"{named(self.metric)} {amount(value, self.metric, self.unit)}"

    def amount(self, value: float) -> str:
        """Return a score or a difference with its unit, as '0.38 GPa'."""
        return amount(value, self.metric, self.unit)

    def band(self, low: float, high: float) -> str:
        """Return an interval with its unit, as '−0.30 to 1.07 GPa'."""
        return band(low, high, self.metric, self.unit)

    def line(self, rival: str, scheme: str = "") -> dict[str, Any] | None:
        """Return the comparison of a rival with the best formula, if there is one."""
        own = self.differing.rivals
        own = own[
            (own["scheme"] == (scheme or self.comparison.main))
            & (own["first"] == rival)
        ]
        return {str(k): v for k, v in own.iloc[0].items()} if len(own) else None

    def word(self, rival: str, scheme: str = "") -> str:
        """Say what a rival is beside the best formula; '' where nothing is known."""
        line = self.line(rival, scheme)
        return "" if line is None else str(line["word"])

    def ahead(self, first: str, second: str, scheme: str = "") -> bool:
        """Whether the first has the better score, shown or not."""
        a, b = self.mean(first, scheme), self.mean(second, scheme)
        return a < b if self.metric in LOWER_IS_BETTER else a > b


def named(metric: str) -> str:
    """Return the name of a metric inside a sentence."""
    return metric.upper() if metric in _SCALED else metric.replace("_", " ")


def amount(value: float, metric: str, unit: str) -> str:
    """Return a score or a difference with its unit; a share to three decimals."""
    if metric not in _SCALED:
        return f"{value + 0.0:.3f}".replace("-", "−")
    tail = "" if unit == "1" else f" {unit}"
    return f"{value + 0.0:.2f}{tail}".replace("-", "−", 1)


def band(low: float, high: float, metric: str, unit: str) -> str:
    """Return an interval of a score or a difference with its unit."""
    return f"{amount(low, metric, '1')} to {amount(high, metric, unit)}"


def as_gain(low: float, high: float, metric: str) -> tuple[float, float]:
    """Return the ends of a difference, one less another, as a gain of the one."""
    return (-high, -low) if metric in LOWER_IS_BETTER else (low, high)


def small(label: str) -> str:
    """Return a label inside a sentence; an acronym or a name stays as it is."""
    if label[1:2].isupper() or label.startswith(_NAMES):
        return label
    return label[:1].lower() + label[1:]


def capital(text: str) -> str:
    """Return a text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]
