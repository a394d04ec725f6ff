"""The first page: question, data, formula, how good, where valid, verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
from hecsr.report.sections import multitask
from hecsr.report.sections.data import element_words, source_words, target_words
from hecsr.report.units import unit_head, unit_text
from hecsr.report.view import View, in_unit, symbol_of

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula
    from hecsr.result import Competitor, FormulaResult

_LINES: Final = 4
PROCEDURE = (
    "The errors given here belong to the procedure: filter, search and choice of the "
    "formula are repeated inside every fold, on its training rows only. The formula "
    "printed is the procedure's outcome on all rows; having seen every row, it carries "
    "no held-out error of its own."
)


def blocks(view: View) -> list[Block]:
    """Return the executive page; of several formulas it shows the best procedure's."""
    data = view.result.data
    found: list[Block] = [
        Heading(1, "Summary"),
        Paragraph(rich(Bold("Question. "), view.result.question)),
        Paragraph(
            rich(
                Bold("Data. "),
                f"{count(data.rows_used)} of {count(data.rows_read)} rows of "
                f"the table {data.table}, with {element_words(data)}, "
                f"{source_words(data)}; ",
                target_words(view),
                ".",
            )
        ),
    ]
    if view.chosen:
        found += _formula(view, view.chosen[0])
    else:
        found.append(Paragraph(rich("No engine returned a formula.")))
    found += [_how_good(view), *_verdict(view)]
    return [*found, Note("What the error belongs to", rich(PROCEDURE)), NewPage()]


def _verdict(view: View) -> list[Block]:
    verdict = view.result.verdict
    found: list[Block] = []
    if verdict.goal:
        found.append(Paragraph(rich(Bold("Goal. "), verdict.goal)))
    if verdict.paragraph:
        found.append(Paragraph(rich(Bold("Verdict. "), verdict.paragraph)))
    elif verdict.sentences:
        found.append(List(tuple(rich(s) for s in verdict.sentences)))
    if shared := multitask.in_short(view):
        found.append(Paragraph(shared))
    return found


def _formula(view: View, chosen: FormulaResult) -> list[Block]:
    formula, others = chosen.formula, view.chosen[1:]
    procedure = view.procedure(chosen.engine)
    heard = rich(Bold("Formula. "), chosen.label)
    if procedure is not None:
        score = view.score(procedure.name)
        heard = rich(
            heard,
            ", the best of the engines" if others else "",
            f"; held-out {view.primary.label} of its procedure ",
            view.written(score, view.primary),
            in_unit(view.unit_of(view.primary)),
            " (",
            Ref("tab:summary"),
            ")",
        )
    heard = rich(heard, ".")
    if others:
        also = " and of ".join(one.label for one in others)
        heard = rich(heard, f" Those of {also} are in ", Ref("sec:formulas"), ".")
    return [
        Paragraph(heard),
        *equations(formula, 1, digits=chosen.digits),
        Paragraph(_validity(view, formula)),
        *_ranges(formula),
    ]


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


def _validity(view: View, formula: Formula) -> Rich:
    """Say what the formula gives, and where it holds."""
    if not formula.variables:
        return rich(
            "The procedure found nothing that it preferred to a constant "
            f"({count(formula.n_samples)} rows)."
        )
    target = formula.target
    symbol = Math(target.latex, target.typst)
    of = "the probability of " if formula.task == "classification" else "the "
    unit = "" if formula.task == "classification" else unit_text(target.unit)
    said = rich("Here ", symbol, f" is {of}{target.label or target.name}")
    said = rich(said, f" ({unit})" if unit else "", ". ")
    said = rich(
        said,
        Bold("Where valid. "),
        f"Within the ranges of the {count(formula.n_samples)} rows it was fitted to (",
        Ref("tab:ranges"),
        "), for the elements that these rows hold",
    )
    if formula.interval is not None:
        one = formula.interval
        said = rich(
            said,
            f"; there {fixed(100 * one.level, 0)}\u00a0% of the held-out errors"
            f"{', groups of rows weighed equally,' if view.grouped else ''} lay "
            "within ±\u00a0",
            significant(one.half_width, 3),
            in_unit(target.unit),
        )
    units = {d.name: d.unit for d in formula.variables}
    notes = "".join(f"; {note}" for note in formula.unit_check.notes(units))
    return rich(said, notes, ".")


def _ranges(formula: Formula) -> list[Block]:
    """Return the variables and their ranges; many of them side by side on paper."""
    if not formula.variables:
        return []
    across = 1 if len(formula.variables) <= _LINES else 2
    rows: list[tuple[Rich, ...]] = []
    for one in formula.variables:
        low, high = formula.ranges[one.name]
        meant = one.label or one.name
        unit = unit_text(one.unit)
        rows.append(
            (
                (symbol_of(one),),
                rich(f"{meant} ({unit})" if unit else meant),
                rich(f"{significant(low, 3)} to {significant(high, 3)}"),
            )
        )
    columns = (
        Column(rich("Symbol")),
        Column(rich("Variable"), rich("unit"), stretch=1),
        Column(rich("Fitted range"), align="right"),
    )
    caption = rich("Variables of the formula and the ranges that it was fitted to.")
    table = Table(
        columns, tuple(rows), caption, "tab:ranges", small=across > 1, across=across
    )
    return [table]


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
        scores = [
            rich(view.written(view.score(competitor.name, one.key), one))
            for one in metrics
        ]
        role = rich(roles[competitor.kind])
        rows.append((rich(competitor.label), *scores, role))
    # the scores stand next to the names: a phone shows the first columns
    columns = [Column(rich("Model"), stretch=1.2)]
    for one in metrics:
        shown = unit_head(view.unit_of(one))
        columns.append(Column(rich(one.head), shown, "right"))
    columns.append(Column(rich("Role"), stretch=1.0))
    main = view.main
    caption = rich(
        f"Held-out scores, mean ± standard deviation over the "
        f"{main.n_splits * main.n_repeats} folds ({main.label}). "
        "All competitors are in ",
        Ref(f"tab:comparison-{main.name}"),
        ".",
    )
    return Table(tuple(columns), tuple(rows), caption, label="tab:summary")
