"""Descriptors that enter the search, and those that were removed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hecsr.report.model import (
    Block,
    Column,
    Figure,
    Heading,
    Math,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import count, fixed
from hecsr.report.units import unit_cell

if TYPE_CHECKING:
    from hecsr.report.view import View


def blocks(view: View) -> list[Block]:
    """Return the section on descriptors."""
    summary = view.result.descriptors
    per_fold = summary.entering_per_fold
    folds = ""
    if per_fold:
        low, high = min(per_fold), max(per_fold)
        many = count(low) if low == high else f"{count(low)} to {count(high)}"
        folds = f" Repeated inside each fold, the filter lets {many} enter."
    found: list[Block] = [
        Heading(1, "Descriptors"),
        Paragraph(
            rich(
                f"{count(len(summary.computed))} descriptors were computed. A constant "
                "one is removed, and of two that correlate beyond |r| > "
                f"{fixed(summary.threshold, 2)} the simpler and more physical is kept; "
                f"on all rows {count(len(summary.entering))} enter (",
                Ref("tab:descriptors"),
                "). Every engine and every black box is given the same columns.",
                folds,
            )
        ),
        _entering(view),
    ]
    return found + _removed(view)


def _entering(view: View) -> Table:
    summary = view.result.descriptors
    rows = []
    for name in summary.entering:
        one = view.descriptor(name)
        share = summary.kept_in_folds.get(name)
        rows.append(
            (
                (view.symbol(name),),
                rich(one.label or name),
                unit_cell(one.unit),
                _equation(one.equation, one.equation_typst),
                rich(one.source or "–"),
                rich(fixed(None if share is None else 100 * share, 0)),
            )
        )
    columns = (
        Column(rich("Symbol")),
        Column(rich("Meaning"), stretch=1.3),
        Column(rich("Unit")),
        Column(rich("Equation"), stretch=1.5),
        Column(rich("Source"), stretch=1),
        Column(rich("Kept"), rich("% of folds"), "right"),
    )
    caption = rich(
        "Descriptors that enter the search on all rows, and the share of the folds in "
        "which the filter kept them. Supplied columns have no equation."
    )
    return Table(
        columns, tuple(rows), caption, "tab:descriptors", small=True, roomy=True
    )


def _equation(latex: str, typst: str) -> Rich:
    return (Math(latex, typst),) if latex and typst else rich("–")


def _removed(view: View) -> list[Block]:
    removed = view.result.descriptors.removed
    related = [r for r in removed if r.kept]
    others = [r for r in removed if not r.kept]
    found: list[Block] = []
    if others:
        by_reason: dict[str, list[str]] = {}
        for one in others:
            by_reason.setdefault(one.reason, []).append(one.name)
        for reason, names in by_reason.items():
            symbols: Rich = ()
            for name in names:
                symbols = rich(symbols, ", " if symbols else "", view.symbol(name))
            found.append(Paragraph(rich(f"Removed, {reason}: ", symbols, ".")))
    if related:
        rows = tuple(
            (
                (view.symbol(one.name),),
                rich(view.descriptor(one.name).label or one.name),
                (view.symbol(one.kept),),
                rich(fixed(abs(one.r), 3) if math.isfinite(one.r) else "–"),
            )
            for one in related
        )
        columns = (
            Column(rich("Removed")),
            Column(rich("Meaning"), stretch=1),
            Column(rich("Kept instead")),
            Column(rich("|r|"), align="right"),
        )
        caption = rich(
            "Redundant descriptors on all rows, and the one that speaks for each."
        )
        long = len(rows) > 12
        table = Table(columns, rows, caption, "tab:removed", small=True, appendix=long)
        found.append(table)
    found += _correlations(view)
    return [Heading(2, "Removed descriptors"), *found] if found else []


def _correlations(view: View) -> list[Block]:
    found = view.result.correlations
    if found is None:
        return []
    summary = view.result.descriptors
    removed = [r for r in summary.removed if r.kept]
    figure = Figure(
        stem="correlations",
        drawing="correlations",
        caption=rich(
            f"Absolute correlation of {count(len(found))} descriptors on all rows, "
            f"black beyond the {fixed(summary.threshold, 2)} at which one of two is "
            "removed. Descriptors that enter are in black, by similarity; behind each, "
            "in orange after a dash, those that it speaks for."
            if removed
            else f"Absolute correlation of {count(len(found))} descriptors on "
            "all rows, by similarity; none is redundant."
        ),
        alt="Lower half of the matrix of absolute correlations between descriptors, "
        "the removed ones beside the one that was kept instead.",
    )
    return [figure]
