"""What the models rest on: importances of the descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hecsr.config import Analysis
    from hecsr.progress import Report
    from hecsr.result import FormulaResult, ShapValues
    from hecsr.study.engines import Engine
    from hecsr.validation.compare import Comparison
    from hecsr.validation.problem import Problem


def not_refitted(analysis: Analysis, engines: Sequence[Engine]) -> tuple[str, ...]:
    """Say which engines have no drop importance, and why."""
    if not analysis.explain.drop:
        return ()
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
    n_jobs: int,
    progress: Report,
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[ShapValues, ...]]:
    """Return importances on held-out rows, those inside the formulas, SHAP values.

    Engines that take too long are not refitted without each descriptor, and of the
    black boxes only those that the analysis names are explained.
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
    shared: dict[str, Any] = {"seed": analysis.seed, "n_jobs": n_jobs}

    def shown(stage: str) -> Any:
        return lambda done, total, _: progress(stage, done, total)

    boxes = {BLACK_BOXES[key].name for key in asked.black_boxes}
    explained = [
        c.name for c in comparison.competitors if c.kind == "formula" or c.name in boxes
    ]
    slow = {e.name for e in engines if not e.refits}
    refitted = [name for name in explained if name not in slow]
    frames = [
        permutation_importance(
            comparison,
            explained,
            n_repeats=asked.permutation_repeats,
            progress=shown("permutation importance"),
            **shared,
        )
    ]
    if asked.drop:
        frames += [
            drop(comparison, refitted, progress=shown(f"drop a {what}"), **shared)
            for drop, what in (
                (drop_importance, "descriptor"),
                (drop_family_importance, "family"),
            )
        ]
    shap: tuple[ShapValues, ...] = ()
    budget = ShapBudget(background=asked.shap_background)
    if asked.shap:
        shap, of_shap = shap_importance(
            comparison, explained, budget=budget, progress=shown("SHAP"), **shared
        )
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
