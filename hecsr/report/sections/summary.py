"""The first page: question, data, formula, how good, where valid, verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.equation import equations
from hecsr.report.model import (
    Block,
    Bold,
    Column,
    Heading,
    List,
    Math,
    NewPage,
    Note,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import count, fixed, significant
from hecsr.report.sections.data import element_words, target_words
from hecsr.report.units import unit_head, unit_text
from hecsr.report.view import View, in_unit, symbol_of

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula
    from hecsr.result import Competitor, FormulaResult

PROCEDURE = (
    "The errors given here belong to the procedure: filter, search and choice of the "
    "formula are repeated inside every fold, on its training rows only. The formula "
    "printed is the procedure's outcome on all rows; having seen every row, it carries "
    "no held-out error of its own."
)


def blocks(view: View) -> list[Block]:
    """Return the executive page."""
    data = view.result.data
    found: list[Block] = [
        Heading(1, "Summary"),
        Paragraph(rich(Bold("Question. "), view.result.question)),
        Paragraph(
            rich(
                Bold("Data. "),
                f"{count(data.rows_used)} of {count(data.rows_read)} rows of "
                f"the table {data.table}, with {element_words(data)}; ",
                target_words(view),
                ".",
            )
        ),
    ]
    for i, chosen in enumerate(view.chosen, start=1):
        found += _formula(view, chosen, i)
    if not view.chosen:
        found.append(Paragraph(rich("No engine returned a formula.")))
    found += [_how_good(view), Note("What the error belongs to", rich(PROCEDURE))]
    verdict = view.result.verdict
    if verdict.paragraph:
        found.append(Paragraph(rich(Bold("Verdict. "), verdict.paragraph)))
    elif verdict.sentences:
        found.append(List(tuple(rich(s) for s in verdict.sentences)))
    return [*found, NewPage()]


def _formula(view: View, chosen: FormulaResult, number: int) -> list[Block]:
    formula = chosen.formula
    procedure = view.procedure(chosen.engine)
    heard: Rich = rich(Bold(f"Formula ({chosen.label}). "))
    if procedure is not None:
        score = view.score(procedure.name)
        heard = rich(
            heard,
            f"Held-out {view.primary.label} of the procedure ",
            view.written(score, view.primary),
            in_unit(view.unit_of(view.primary)),
            ".",
        )
    shown: list[Block] = [
        Paragraph(heard),
        *equations(formula, number, digits=chosen.digits),
    ]
    return [*shown, Paragraph(rich(units_of(formula), " ", _validity(formula)))]


def units_of(formula: Formula) -> Rich:
    """Say in which unit the value and each variable are given."""
    target = formula.target
    symbol = Math(target.latex, target.typst)
    if formula.task == "classification":
        parts = rich("Here ", symbol, f" is the probability of {target.label}")
    elif target.unit.text == "1":
        parts = rich("Here ", symbol, " is a pure number")
    else:
        parts = rich("Here ", symbol, " is in", in_unit(target.unit))
    for variable in formula.variables:
        unit = unit_text(variable.unit)
        label = variable.label or variable.name
        parts = rich(parts, ", ", symbol_of(variable), f" the {label}")
        parts = rich(parts, f" ({unit})" if unit else "")
    units = {d.name: d.unit for d in formula.variables}
    notes = "".join(f"; {note}" for note in formula.unit_check.notes(units))
    return rich(parts, notes, ".")


def _validity(formula: Formula) -> Rich:
    """Say over which ranges the formula was fitted."""
    if not formula.variables:
        return rich(
            "The procedure found nothing that it preferred to a constant "
            f"({count(formula.n_samples)} rows)."
        )
    parts = rich("Valid within the fitted ranges")
    for i, variable in enumerate(formula.variables):
        low, high = formula.ranges[variable.name]
        parts = rich(
            parts,
            ": " if i == 0 else ", ",
            f"{significant(low, 3)}\u00a0≤\u00a0",
            symbol_of(variable),
            f"\u00a0≤\u00a0{significant(high, 3)}",
        )
    parts = rich(parts, f" ({count(formula.n_samples)} rows)")
    if formula.interval is not None:
        one = formula.interval
        parts = rich(
            parts,
            f"; {fixed(100 * one.level, 0)}\u00a0% of the held-out errors lay within ",
            "±\u00a0",
            significant(one.half_width, 3),
            in_unit(formula.target.unit),
        )
    return rich(parts, ".")


def _how_good(view: View) -> Table:
    metrics = view.metrics()[:4]
    lines: list[Competitor] = [*view.ranked("formula")]
    for kind in ("black box", "rule", "baseline"):
        best = view.best(kind)
        if best is not None:
            lines.append(best)
    roles = {
        "formula": "formula, whole procedure",
        "black box": "best black box",
        "rule": "best trivial rule",
        "baseline": "baseline",
    }
    rows = []
    for competitor in lines:
        cells = [rich(competitor.label), rich(roles[competitor.kind])]
        cells += [
            rich(view.written(view.score(competitor.name, one.key), one))
            for one in metrics
        ]
        rows.append(tuple(cells))
    columns = [Column(rich("Model"), stretch=1.2), Column(rich("Role"), stretch=1.0)]
    for one in metrics:
        shown = unit_head(view.unit_of(one))
        columns.append(Column(rich(one.head), shown, "right"))
    main = view.main
    caption = rich(
        f"Held-out scores, mean ± standard deviation over the "
        f"{main.n_splits * main.n_repeats} folds ({main.label}). "
        "All competitors are in ",
        Ref(f"tab:comparison-{main.name}"),
        ".",
    )
    return Table(tuple(columns), tuple(rows), caption, label="tab:summary")
