"""What the models rest on: importances of the descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hecsr.config import Analysis
    from hecsr.result import FormulaResult, ShapValues
    from hecsr.study.engines import Engine
    from hecsr.validation.compare import Comparison
    from hecsr.validation.parts import Runner
    from hecsr.validation.problem import Problem


def not_refitted(
    analysis: Analysis, engines: Sequence[Engine], *, slow: bool = False
) -> tuple[str, ...]:
    """Say which engines have no drop importance of the whole search, and why."""
    if not analysis.explain.drop:
        return ()
    if slow:
        return tuple(
            f"{e.label} formula: its drop importance is that of a smaller search, with "
            f"and without each descriptor that its formula uses: {e.light_words}."
            for e in engines
            if not e.refits
        )
    return tuple(
        f"{e.label} formula: no drop importance, since every refit would repeat the "
        "whole genetic search."
        for e in engines
        if not e.refits
    )


def explain(
    analysis: Analysis,
    engines: Sequence[Engine],
    problem: Problem,
    comparison: Comparison,
    formulas: tuple[FormulaResult, ...],
    runner: Runner,
    black_boxes: Sequence[str] | None = None,
    *,
    slow: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[ShapValues, ...]]:
    """Return importances on held-out rows, those inside the formulas, SHAP values.

    Parameters
    ----------
    black_boxes
        Keys of the black boxes to explain beside the formulas; None for those that
        the analysis names.
    slow
        Whether engines that take too long for refits without each descriptor are
        refitted with their smaller budget; else they have no drop importance.
    """
    import pandas as pd

    from hecsr.baselines import BLACK_BOXES
    from hecsr.importance.drop import drop_family_importance, drop_importance
    from hecsr.importance.explain import ShapBudget
    from hecsr.importance.in_sample import in_sample_importance
    from hecsr.importance.permutation import permutation_importance
    from hecsr.importance.rows import COLUMNS
    from hecsr.importance.shapley import shap_importance

    asked = analysis.explain
    shared: dict[str, Any] = {"seed": analysis.seed, "runner": runner}
    keys = asked.black_boxes if black_boxes is None else black_boxes
    boxes = {BLACK_BOXES[key].name for key in keys}
    explained = [
        c.name for c in comparison.competitors if c.kind == "formula" or c.name in boxes
    ]
    frames = [
        permutation_importance(
            comparison, explained, n_repeats=asked.permutation_repeats, **shared
        )
    ]
    if asked.drop:
        light = {e.name: e.repeated for e in engines if not e.refits}
        refitted = [name for name in explained if slow or name not in light]
        frames += [
            drop(comparison, refitted, light=light, **shared)
            for drop in (drop_importance, drop_family_importance)
        ]
    shap: tuple[ShapValues, ...] = ()
    budget = ShapBudget(background=asked.shap_background)
    if asked.shap:
        shap, of_shap = shap_importance(comparison, explained, budget=budget, **shared)
        frames.append(of_shap)
    inside = [
        in_sample_importance(
            f.formula, problem, f.engine, budget=budget, seed=analysis.seed
        )
        for f in formulas
        if f.chosen and f.formula.names
    ]
    in_sample = pd.concat(inside) if inside else pd.DataFrame(columns=COLUMNS)
    return (
        pd.concat(frames, ignore_index=True),
        in_sample.reset_index(drop=True),
        shap,
    )
