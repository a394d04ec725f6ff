"""The chosen formulas: equation, coefficients with standard errors, variables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hecsr.formula.expression import Constant
from hecsr.formula.formula import summands
from hecsr.report.equation import (
    equations,
    in_symbols,
    of_coefficient,
    term,
)
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
from hecsr.report.numbers import count, fixed, significant
from hecsr.report.sections.coefficients import coefficient_columns, coefficient_rows
from hecsr.report.sections.summary import PROCEDURE, units_of
from hecsr.report.units import unit_cell
from hecsr.report.view import View, in_unit, symbol_of

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula
    from hecsr.result import FormulaResult


def blocks(view: View) -> list[Block]:
    """Return the section on the chosen formulas."""
    heading = Heading(1, "Formulas", "sec:formulas")
    found: list[Block] = [heading, Paragraph(rich(PROCEDURE))]
    for number, chosen in enumerate(view.chosen, start=1):
        found += _one(view, chosen, number)
    return found


def _one(view: View, chosen: FormulaResult, number: int) -> list[Block]:
    formula, label = chosen.formula, f"eq:{number}"
    return [
        Heading(2, chosen.label),
        *equations(formula, number, label, chosen.digits),
        *_in_symbols(formula),
        Paragraph(
            rich(units_of(formula), " ", _error(view, chosen), _tables(formula, number))
        ),
        *_classes(view, chosen),
        _coefficients(formula, number),
        *_variables(formula, number),
    ]


def _tables(formula: Formula, number: int) -> Rich:
    said = rich(" Its coefficients are in ", Ref(f"tab:coefficients-{number}"))
    if formula.variables:
        said = rich(said, ", its variables in ", Ref(f"tab:variables-{number}"))
    return rich(said, ".")


def _in_symbols(formula: Formula) -> list[Block]:
    """Show where each coefficient stands, if one stands inside a term."""
    free = {Constant(c.name) for c in formula.coefficients}
    free -= set(summands(formula.linear_predictor))
    if all(of_coefficient(formula, c.name) for c in free):
        return []
    return [Paragraph(rich("With its coefficients by name:")), in_symbols(formula)]


def _classes(view: View, chosen: FormulaResult) -> list[Block]:
    """Return the threshold form and the map of the classes."""
    maps = [m for m in view.result.class_maps if m.engine == chosen.engine]
    if not maps:
        return []
    (found,) = maps
    formula, p = chosen.formula, found.threshold
    odds = math.log(p / (1 - p))
    said: Rich = rich(
        f"Class 1 is called at a probability of at least {fixed(p, 3)}, that is where ",
        Math("z", "z"),
        f" ≥ {significant(odds, 4)}",
    )
    values = [c.value for c in formula.coefficients]
    if len(found.features) == 1 and found.features[0] != formula.linear_predictor:
        limit = significant((odds - values[0]) / values[1], 4)
        side = "≥" if values[1] > 0 else "≤"
        feature = term(formula, found.features[0])
        said = rich(said, ", or ", feature, f" {side} {limit}")
    z = Math("z", "z")
    along_z = found.features == (formula.linear_predictor,)
    of = f"{count(len(found.single))} samples lie in the domain (convex hull) of the "
    of += "other class; the domains share "
    inside, size = found.overlap_samples, fixed(100 * found.overlap_size, 0)
    if found.terms:
        whole = fixed(100 * found.terms_size, 0)
        said = rich(
            said,
            f". In its {len(found.terms)} terms together {count(found.terms_samples)} "
            f"of {of}{whole}\u00a0% of the smaller one; along ",
            z,
            f" alone it is {count(inside)} of them and {size}\u00a0%.",
        )
    else:
        one = "this feature" if len(found.features) == 1 else "these features"
        where = rich("Along ", z) if along_z else rich(f"In {one}")
        of_all = f" {count(inside)} of {of}{size}\u00a0% of the smaller one."
        said = rich(said, ". ", where, of_all)
    wide = len(found.features) > 1
    stem = f"class-map-{chosen.engine}"
    said = rich(said, " ", Ref(f"fig:{stem}"), " shows them.")
    figure = Figure(
        stem=stem,
        drawing="class_map",
        subject=chosen.engine,
        caption=rich(
            f"{chosen.label}: all samples that it was fitted to ",
            rich("along ", z)
            if along_z
            else f"in its {'features' if wide else 'feature'}",
            ", with the domains of both classes and the line between them."
            if wide
            else ", observed 1 above and 0 below, the fitted probability, and where "
            "it calls class 1.",
        ),
        alt="Samples of both classes in the features of the formula.",
        width=175 if wide else 85,
    )
    return [Paragraph(said), figure]


def _error(view: View, chosen: FormulaResult) -> Rich:
    procedure = view.procedure(chosen.engine)
    if procedure is None:
        return ()
    one = view.primary
    parts = rich(
        f"Held-out {one.label} of the procedure that returned it: ",
        view.written(view.score(procedure.name), one),
        in_unit(view.unit_of(one)),
        ".",
    )
    interval = chosen.formula.interval
    if interval is not None:
        parts = rich(
            parts,
            f" Half width at {fixed(100 * interval.level, 0)}\u00a0%, from "
            f"{interval.source}: ±\u00a0",
            significant(interval.half_width, 3),
            in_unit(chosen.formula.target.unit),
            _inside(view, procedure.name, interval.half_width),
        )
    if chosen.rounding:
        how = f" Coefficients are printed to {chosen.digits} digits: "
        parts = rich(parts, how, chosen.rounding, ".")
    return parts


def _inside(view: View, name: str, half_width: float) -> str:
    """Say what share of the rows lies within an interval, and what was weighed."""
    held = view.result.predictions
    own = held[(held["scheme"] == view.main.name) & (held["competitor"] == name)]
    share = float(((own["observed"] - own["predicted"]).abs() <= half_width).mean())
    rows = f"{fixed(100 * share, 0)}\u00a0% of the held-out rows lie within"
    if view.grouped:
        return f"; each group weighs the same, however many rows it has. {rows}."
    return f"; {rows}."


def _coefficients(formula: Formula, number: int) -> Table:
    caption = rich(
        "Coefficients of ",
        Ref(f"eq:{number}"),
        f", fitted to all {count(formula.n_samples)} rows. The standard errors take "
        "the form as given; they say nothing of how surely the search finds it.",
    )
    return Table(
        coefficient_columns(),
        tuple(coefficient_rows(formula)),
        caption,
        f"tab:coefficients-{number}",
        roomy=True,
    )


def _variables(formula: Formula, number: int) -> list[Block]:
    if not formula.variables:
        return [Paragraph(rich("The formula has no variable: it is a constant."))]
    rows = []
    for one in formula.variables:
        low, high = formula.ranges[one.name]
        shown = one.equation and one.equation_typst
        rows.append(
            (
                (symbol_of(one),),
                rich(one.label or one.name),
                unit_cell(one.unit),
                rich(f"{significant(low, 3)} to {significant(high, 3)}"),
                (Math(one.equation, one.equation_typst),) if shown else rich("–"),
            )
        )
    columns = (
        Column(rich("Symbol")),
        Column(rich("Meaning"), stretch=1.2),
        Column(rich("Unit")),
        Column(rich("Fitted range")),
        Column(rich("Equation"), stretch=1.3),
    )
    caption = rich(
        "Variables of ",
        Ref(f"eq:{number}"),
        "; outside the fitted ranges it extrapolates.",
    )
    return [Table(columns, tuple(rows), caption, f"tab:variables-{number}", roomy=True)]
