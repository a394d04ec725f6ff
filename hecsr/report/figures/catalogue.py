"""Which module draws which figure, and the files it is saved to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.figures import (
    class_map,
    comparison,
    confusion,
    doubt,
    elements,
    family_drop,
    front,
    importance_bars,
    leave_one_out,
    parity,
    reliability,
    roc,
    shap_beeswarm,
)
from hecsr.report.figures.style import journal, rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from matplotlib.figure import Figure

    from hecsr.report import model
    from hecsr.report.view import View

DRAWINGS: Final[Mapping[str, Callable[[View, str], Figure]]] = {
    "class_map": class_map.draw,
    "comparison": comparison.draw,
    "confusion": confusion.draw,
    "doubt": doubt.draw,
    "elements": elements.draw,
    "family_drop": family_drop.draw,
    "front": front.draw,
    "importance_bars": importance_bars.draw,
    "leave_one_out": leave_one_out.draw,
    "parity": parity.draw,
    "reliability": reliability.draw,
    "roc": roc.draw,
    "shap_beeswarm": shap_beeswarm.draw,
}


def save(view: View, figure: model.Figure, folder: Path) -> None:
    """Draw a figure of the report and write ``<stem>.svg`` and ``<stem>.png``."""
    with journal():
        drawn = DRAWINGS[figure.drawing](view, figure.subject)
        for kind, content in rendered(drawn).items():
            (folder / f"{figure.stem}.{kind}").write_bytes(content)
