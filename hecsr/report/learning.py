"""What the errors of the learning curves are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.metrics import metric
from hecsr.units import NUMBER, Unit

if TYPE_CHECKING:
    from hecsr.report.view import View


def error_name(key: str) -> str:
    """Return the name of an error, ``1 − AUC`` where more of the metric is better."""
    one = metric(key)
    return f"1 − {one.label}" if one.more_is_better else one.label


def unit_of(view: View) -> Unit:
    """Return the unit of the learning curves' errors."""
    found = view.result.learning
    return NUMBER if found is None else view.unit_of(metric(found.metric))
