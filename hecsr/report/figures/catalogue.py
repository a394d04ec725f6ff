"""Which module draws which figure, and the files it is saved to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.figures import (
    agreement,
    chance,
    class_map,
    comparison,
    confusion,
    correlations,
    dependence,
    distance,
    doubt,
    elements,
    family_drop,
    feature_space,
    formula_map,
    front,
    importance_bars,
    inclusion,
    learning_curve,
    leave_one_out,
    overfitting,
    parity,
    precision_recall,
    ranks,
    reliability,
    roc,
    shap_beeswarm,
    stability,
    ternary,
    williams,
)
from hecsr.report.figures.style import journal, rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from matplotlib.figure import Figure

    from hecsr.report import model
    from hecsr.report.view import View

DRAWINGS: Final[Mapping[str, Callable[[View, str], Figure]]] = {
    "agreement": agreement.draw,
    "chance": chance.draw,
    "class_map": class_map.draw,
    "comparison": comparison.draw,
    "confusion": confusion.draw,
    "correlations": correlations.draw,
    "dependence": dependence.draw,
    "distance": distance.draw,
    "doubt": doubt.draw,
    "elements": elements.draw,
    "family_drop": family_drop.draw,
    "feature_space": feature_space.draw,
    "formula_lines": formula_map.draw_lines,
    "formula_plane": formula_map.draw_plane,
    "front": front.draw,
    "importance_bars": importance_bars.draw,
    "inclusion": inclusion.draw,
    "learning_curve": learning_curve.draw,
    "leave_one_out": leave_one_out.draw,
    "overfitting": overfitting.draw,
    "parity": parity.draw,
    "precision_recall": precision_recall.draw,
    "ranks": ranks.draw,
    "reliability": reliability.draw,
    "roc": roc.draw,
    "shap_beeswarm": shap_beeswarm.draw,
    "stability": stability.draw,
    "ternary": ternary.draw,
    "williams": williams.draw,
}


def save(view: View, figure: model.Figure, folder: Path) -> None:
    """Draw a figure of the report and write ``<stem>.svg``, ``.png`` and ``.pdf``."""
    with journal():
        drawn = DRAWINGS[figure.drawing](view, figure.subject)
        for kind, content in rendered(drawn).items():
            (folder / f"{figure.stem}.{kind}").write_bytes(content)
