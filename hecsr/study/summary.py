"""What the command line prints at the end: the formulas and their errors."""

from __future__ import annotations

from pathlib import Path

from hecsr.formula.formula import Formula
from hecsr.result import StudyResult
from hecsr.validation.frames import fold_mean


def summary(result: StudyResult, folder: Path) -> str:
    """Return what the command line prints at the end: formulas and their errors."""
    lines = [result.title, f"report: {(folder / 'report.pdf').as_posix()}"]
    for found in result.best_formulas:
        formula: Formula = found.formula
        lines += ["", f"{found.label}: {formula.target.name} = {formula.to_text()}"]
        lines.append(f"  {_errors(result, found.engine)}")
    others = [c for c in result.competitors if c.kind in ("black box", "baseline")]
    lines.append("")
    lines += [f"{c.label}: {_errors(result, c.name)}" for c in others]
    lines += ["", result.verdict.paragraph or "\n".join(result.verdict.sentences)]
    return "\n".join(lines)


def _errors(result: StudyResult, competitor: str) -> str:
    """Cross-validated error of a competitor in each scheme."""
    parts = []
    unit = result.data.target.unit.text
    names = {
        "mae": "MAE", "r2": "R2",
        "balanced_accuracy": "balanced accuracy", "auc": "AUC",
    }  # fmt: skip
    metrics = (
        ("mae", "r2") if "mae" in set(result.scores["metric"]) else tuple(names)[2:]
    )
    for scheme in result.schemes:
        told = []
        for metric in metrics:
            value = fold_mean(result.scores, scheme.name, competitor, metric)
            shown = f"{value:.3f}" if metric != "mae" else f"{value:.2f}"
            shown += f" {unit}" if metric == "mae" and unit != "1" else ""
            told.append(f"{names[metric]} {shown}")
        parts.append(f"{scheme.label}: {', '.join(told)}")
    return "; ".join(parts)
