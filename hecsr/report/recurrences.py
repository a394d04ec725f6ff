"""What a study found out about stability, as its section and figure ask for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from hecsr.report.metrics import metric
from hecsr.report.model import Ref
from hecsr.report.numbers import NONE, fixed

if TYPE_CHECKING:
    from hecsr.report.metrics import Metric
    from hecsr.report.view import View
    from hecsr.validation.stability import Stability

BOOTSTRAPS: Final = "bootstraps"
"""What the frames say under `over` of what is not a scheme."""


def engines(view: View, found: Stability) -> list[str]:
    """Return the engines, the better procedure first."""
    order = [f.engine for f in view.chosen if f.engine in found.budgets]
    return [*order, *(name for name in found.budgets if name not in order)]


def name_of(view: View, engine: str) -> str:
    """Return an engine's printed name."""
    procedure = view.procedure(engine)
    return engine if procedure is None else procedure.label.removesuffix(" formula")


def counted_over(view: View, found: Stability) -> list[str]:
    """Return over what choices are counted here: bootstraps, and the main folds."""
    there = set(found.formulas["over"])
    return [over for over in (BOOTSTRAPS, view.main.name) if over in there]


def rows_of(frame: Any, engine: str, over: str = "") -> list[dict[str, Any]]:
    """Return the rows of an engine, if asked over one kind of resample."""
    own = frame[frame["engine"] == engine]
    return list((own[own["over"] == over] if over else own).to_dict("records"))


def equation_of(view: View, engine: str) -> Ref | None:
    """Return a mention of the printed equation of an engine, if it has one."""
    for number, one in enumerate(view.chosen, start=1):
        if one.engine == engine:
            return Ref(f"eq:{number}")
    return None


def where(view: View, over: str) -> str:
    """Return in words over what was counted."""
    return "folds" if over == view.main.name else BOOTSTRAPS


def percent(row: dict[str, Any]) -> str:
    """Write the share of a row in per cent."""
    share = float(row["share"])
    if not math.isfinite(share):
        return NONE
    return f"{fixed(100 * share, 0)}\u00a0%"


def metric_of(found: Stability) -> Metric:
    """Return what the score out of the bag is."""
    return metric(found.metric)
