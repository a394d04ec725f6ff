"""Correlated descriptors, named wherever they make an importance misleading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.importances import stand_ins
from hecsr.report.model import Block, Inline, Paragraph, Rich, rich
from hecsr.report.numbers import NONE, count, fixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.report.view import View

# Pairs that a sentence names, and relatives that a cell names.
_PAIRS: Final = 5
_CELL: Final = 2
_PATHS: Final = "path-dependent"


def pairs(view: View, names: list[str]) -> list[Block]:
    """Say which of the leading descriptors have relatives that speak for them."""
    found = stand_ins(view, names)
    if not found:
        return []
    shown: list[str | Inline] = []
    for i, pair in enumerate(found[:_PAIRS]):
        first, second = view.symbol(pair.first), view.symbol(pair.second)
        shown += ["; " if i else "", first, " and ", second]
        shown.append(f" (r = {fixed(pair.r, 2)})")
    more = len(found) - _PAIRS
    shown.append(f"; and {count(more)} more pairs" if more > 0 else "")
    grouped = any(pair.grouped for pair in found)
    what = "read their group" if grouped else "neither value is the whole"
    text = f" stand in for each other: {what}."
    return [Paragraph(rich("Among the leading descriptors ", *shown, text))]


def known(view: View) -> bool:
    """Whether correlations of the descriptors were looked for."""
    return view.result.agreement is not None


def outside(view: View, names: Sequence[str]) -> Rich:
    """Name the strongest relatives of some descriptors that are not among them."""
    agreement = view.result.agreement
    if agreement is None:
        return rich(NONE)
    strongest: dict[str, float] = {}
    for name in names:
        for other, r in agreement.relatives(name):
            if other not in names and abs(r) > abs(strongest.get(other, 0.0)):
                strongest[other] = r
    ranked = sorted(strongest.items(), key=lambda pair: -abs(pair[1]))
    shown: list[str | Inline] = []
    for i, (other, r) in enumerate(ranked[:_CELL]):
        shown += [", " if i else "", view.symbol(other), f" ({fixed(r, 2)})"]
    more = len(ranked) - _CELL
    shown.append(f" and {count(more)} more" if more > 0 else "")
    return rich(*shown) if ranked else rich(NONE)


def broken(view: View) -> str:
    """Say what becomes of correlations where descriptors are filled in."""
    said = (
        "Permutation, and SHAP values against background rows (the exact sum, the "
        "permutation method, interventional trees), fill in a descriptor from other "
        "rows whatever the rest, and so break the correlations: they ask a model about "
        "samples that no data resemble"
    )
    if any(_PATHS in one.explains for one in view.result.shap):
        said += (
            "; the path-dependent values of trees follow the splits of the tree "
            "instead, and are another quantity"
        )
    return f"{said}."
