"""A formula as displayed equations, cut into the pieces where a line may break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.descriptors.descriptor import plain
from hecsr.formula.expression import Binary, Constant, Expression
from hecsr.formula.formula import summands
from hecsr.formula.printers.latex import to_latex
from hecsr.formula.printers.typst import to_typst
from hecsr.report.model import Equation, Math

if TYPE_CHECKING:
    from collections.abc import Callable

    from hecsr.formula.formula import Formula


def equations(
    formula: Formula, number: int | None = None, label: str = "", digits: int = 4
) -> list[Equation]:
    """Return the formula as one equation, or as link and linear predictor.

    Only the last one is numbered: a logistic link is the same for every classifier.
    """
    parts = tuple(_parts(formula, digits))
    target = Math(formula.target.latex, formula.target.typst)
    if formula.task == "regression":
        return [Equation(target, parts, number, label)]
    link = Math(r"\frac{1}{1 + \exp(-z)}", "frac(1, 1 + exp(-z))")
    inner = Equation(Math("z", "z"), parts, number, label)
    return [Equation(target, (link,)), inner]


def in_symbols(formula: Formula) -> Equation:
    """Return the formula, or the argument of its link, with coefficients by name."""
    names = {c.name: coefficient_symbol(c.name) for c in formula.coefficients}
    latex = {d.name: d.latex or plain(d.name).latex for d in formula.variables}
    typst = {d.name: d.typst or plain(d.name).typst for d in formula.variables}
    parts = []
    for i, one in enumerate(summands(formula.linear_predictor)):
        written = (
            to_latex(one, latex, {n: m.latex for n, m in names.items()}),
            to_typst(one, typst, {n: m.typst for n, m in names.items()}),
        )
        parts.append(Math(*(_signed(text, i) for text in written)))
    left = Math("z", "z")
    if formula.task == "regression":
        left = Math(formula.target.latex, formula.target.typst)
    return Equation(left, tuple(parts))


def term(formula: Formula, expression: Expression, digits: int = 4) -> Math:
    """Return a part of the formula's expression in its symbols."""
    return Math(*(write(expression) for write in _writers(formula, digits)))


def coefficient_symbol(name: str) -> Math:
    """Return ``c_1`` for the coefficient ``c1``; other names stand upright."""
    if name[:1].isalpha() and name[1:].isdigit():
        return Math(f"{name[0]}_{{{name[1:]}}}", f"{name[0]}_({name[1:]})")
    bare = plain(name)
    return Math(bare.latex, bare.typst)


def of_coefficient(formula: Formula, name: str) -> Math | None:
    """Return the term that a coefficient multiplies; None for the intercept."""
    for part in summands(formula.linear_predictor):
        match part:
            case Binary("*", Constant(found), what) if found == name:
                return term(formula, what)
    return None


def _writers(
    formula: Formula, digits: int
) -> tuple[Callable[[Expression], str], Callable[[Expression], str]]:
    constants = dict(formula.constants)
    latex = {d.name: d.latex or plain(d.name).latex for d in formula.variables}
    typst = {d.name: d.typst or plain(d.name).typst for d in formula.variables}
    return (
        lambda e: to_latex(e, latex, constants, digits),
        lambda e: to_typst(e, typst, constants, digits),
    )


def _parts(formula: Formula, digits: int) -> list[Math]:
    """Write each summand with its sign, so that a sum may be broken before it."""
    latex, typst = _writers(formula, digits)
    parts = []
    for i, one in enumerate(summands(formula.linear_predictor)):
        parts.append(Math(_signed(latex(one), i), _signed(typst(one), i)))
    return parts


def _signed(text: str, position: int) -> str:
    if position == 0:
        return text
    return f"- {text[1:].lstrip()}" if text.startswith("-") else f"+ {text}"
