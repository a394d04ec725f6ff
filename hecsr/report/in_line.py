"""A formula within a line or a cell, in pieces between which the line may break."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hecsr.descriptors.descriptor import plain
from hecsr.formula.analysis.sums import summands
from hecsr.formula.expression import Call, Expression, constants, variables
from hecsr.formula.grammar import parse
from hecsr.formula.printers.latex import to_latex
from hecsr.formula.printers.typst import to_typst
from hecsr.report.equation import coefficient_symbol
from hecsr.report.model import Inline, Math, Rich, Text

if TYPE_CHECKING:
    from hecsr.report.view import View

_DIGITS: Final = 4
# What stands between semicolons, which a quoted name may hold.
_TERM: Final = re.compile(r"(?:`(?:[^`\\]|\\.)*`|[^;`])+")


def formula(view: View, expression: Expression) -> Rich:
    """Return a formula in symbols, one node a term of the sum.

    Of a classifier the argument of the link is written.
    """
    if isinstance(expression, Call) and expression.function == "logistic":
        expression = expression.operand
    found: list[Inline] = []
    for subtracted, part in summands(expression):
        shown = _math(view, part)
        minus = subtracted
        if shown.latex.startswith("-") and shown.typst.startswith("-"):
            # a number's own sign stands outside, as that of the term
            minus = not minus
            shown = Math(shown.latex[1:].lstrip(), shown.typst[1:].lstrip())
        if found:
            found.append(Text(" − " if minus else " + "))
        elif minus:
            found.append(Text("−\u2009"))
        found.append(shown)
    return tuple(found)


def terms(view: View, text: str) -> Rich:
    """Return terms without coefficients, which are written between semicolons."""
    found: list[Inline] = []
    for one in _TERM.findall(text):
        found += [Text("; ")] if found else []
        found += formula(view, parse(one.strip()))
    return tuple(found)


def _math(view: View, part: Expression) -> Math:
    names = variables(part)
    known = {name: view.descriptor(name) for name in names}
    bare = {name: plain(name) for name in names}
    fitted = {name: coefficient_symbol(name) for name in constants(part)}
    return Math(
        to_latex(
            part,
            {n: d.latex or bare[n].latex for n, d in known.items()},
            {n: m.latex for n, m in fitted.items()},
            _DIGITS,
        ),
        to_typst(
            part,
            {n: d.typst or bare[n].typst for n, d in known.items()},
            {n: m.typst for n, m in fitted.items()},
            _DIGITS,
        ),
    )
