"""The first sheet of the supplement: what the others hold, and what to quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecsr.formula.printers.workbook import Rows
    from hecsr.report.view import View
    from hecsr.result import FormulaResult


def read_me(view: View, names: Sequence[str]) -> Rows:
    """Return a line of text a row; `names` are those of all sheets in order."""
    return [[line] for line in _lines(view, names)]


def _lines(view: View, names: Sequence[str]) -> Iterator[str]:
    result = view.result
    unit = result.data.target.unit
    target = result.data.target.label or result.data.target.name
    version = result.versions.get("hecsr", "")
    yield from (result.title, result.question, "")
    yield f"Target: {target}" + ("" if unit.text == "1" else f", in {unit.shown}")
    made = f"Made by hecsr {version}".rstrip()
    yield f"{made}: {result.command}" if result.command else made
    yield ""
    yield "data: the rows used, with the descriptors that the formulas need."
    yield (
        f"predictions: held-out predictions ({view.main.label}: "
        f"{view.main.description}). Each row was predicted by models that had not "
        "seen it."
    )
    # the formulas' sheets follow read me, data and predictions
    for name, chosen in zip(names[3:], view.chosen, strict=False):
        found = chosen.formula
        yield f"{name}: {found.target.name} = {found.to_text(chosen.digits)}"
    yield "coefficients: with standard errors given the form of the formula."
    yield (
        "scores: mean and standard deviation over the folds, and the score of all "
        "held-out predictions together."
    )
    yield "settings: what was asked for, and the versions that produced it."
    yield ""
    yield (
        "In a formula's sheet the value is a live cell: change a variable and it "
        "follows. The formula is fitted to all rows; the error to quote is that of "
        "the procedure on held-out rows:"
    )
    for chosen in view.chosen:
        yield from _error(view, chosen)
    if result.data.sources:
        yield from ("", "Sources of the rows:")
    for one in result.data.sources:
        said = ", ".join(filter(None, (one.citation, one.doi)))
        rows = f"{one.rows} row{'' if one.rows == 1 else 's'}"
        yield f"{one.key} ({rows}): {said or 'no reference known'}"


def _error(view: View, chosen: FormulaResult) -> Iterator[str]:
    procedure = view.procedure(chosen.engine)
    if procedure is None:
        return
    score = view.written(view.score(procedure.name), view.primary)
    unit = view.unit_of(view.primary)
    shown = "" if unit.text == "1" else f" {unit.shown}"
    yield f"{chosen.label}: {view.primary.label} {score}{shown}"
