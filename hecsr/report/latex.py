"""The chosen formulas as a LaTeX fragment to paste into a manuscript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hecsr.descriptors.descriptor import plain
from hecsr.report.equation import coefficient_symbol, equations
from hecsr.report.numbers import significant, with_error

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula
    from hecsr.report.model import Equation
    from hecsr.report.view import View
    from hecsr.result import FormulaResult
    from hecsr.units import Unit

_HEAD: Final = r"""% Needs \usepackage{amsmath} and \usepackage{booktabs}.
% The errors quoted are those of the procedure; the formula refitted on all rows
% has no held-out error of its own."""
_ESCAPES: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": r"$-$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "–": "--",
    "Å": r"\AA{}",
    "°": r"\textdegree{}",
    "\u202f": r"\,",
    "²": r"\textsuperscript{2}",
    "³": r"\textsuperscript{3}",
} | {c: f"\\{c}" for c in "#$%&_{}"}
_SUPERSCRIPTS: Final = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_POWER = re.compile("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")


def to_latex(view: View) -> str:
    """Return equations, coefficients with standard errors, and variables."""
    parts = [_HEAD]
    for number, chosen in enumerate(view.chosen, start=1):
        parts += _one(view, chosen, number)
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Return text that LaTeX prints as it stands."""
    return "".join(_ESCAPES.get(c, c) for c in " ".join(text.split()))


def _one(view: View, chosen: FormulaResult, number: int) -> list[str]:
    formula = chosen.formula
    name = re.sub(r"[^A-Za-z0-9-]", "-", f"{view.result.name}-{chosen.engine}")
    shown = equations(formula, digits=chosen.digits)
    displays = [
        _equation(one, f"eq:{name}" if i == len(shown) - 1 else "")
        for i, one in enumerate(shown)
    ]
    procedure = view.procedure(chosen.engine)
    error = ""
    if procedure is not None:
        unit = view.unit_of(view.primary)
        score = view.written(view.score(procedure.name), view.primary)
        error = (
            f"\n% Held-out {view.primary.label} of the procedure: "
            f"{score} {'' if unit.text == '1' else unit.text}".rstrip()
        )
    return [
        f"% ---- {chosen.label}, formula {number}{error}",
        *displays,
        _coefficients(formula, name),
        *([_variables(formula, name)] if formula.variables else []),
    ]


def _equation(equation: Equation, label: str) -> str:
    left = _math(equation.left.latex)
    parts = [_math(part.latex) for part in equation.parts]
    named = f"\n\\label{{{label}}}" if label else ""
    kind = "equation" if label else "equation*"
    if sum(map(len, parts)) < 100:
        body = f"{left} = {' '.join(parts)}"
    else:
        lines = " \\\\\n  &\\quad ".join(parts)
        body = f"\\begin{{aligned}}\n  {left} &= {lines}\n\\end{{aligned}}"
    return f"\\begin{{{kind}}}{named}\n{body}\n\\end{{{kind}}}"


def _coefficients(formula: Formula, name: str) -> str:
    rows = []
    for one in formula.coefficients:
        value, error = with_error(one.value, one.standard_error)
        symbol = coefficient_symbol(one.name).latex
        rows.append([f"${symbol}$", _number(value), _number(error), _unit(one.unit)])
    caption = (
        f"Coefficients of Eq.~\\eqref{{eq:{name}}}, fitted to {formula.n_samples} "
        "samples; standard errors given this form."
    )
    heads = ["Coefficient", "Value", "Standard error", "Unit"]
    return _table(heads, "lrrl", rows, caption, f"tab:{name}-coefficients")


def _variables(formula: Formula, name: str) -> str:
    rows = []
    for one in formula.variables:
        low, high = formula.ranges[one.name]
        rows.append(
            [
                f"${_math(one.latex or plain(one.name).latex)}$",
                escape(one.label or one.name),
                _unit(one.unit),
                f"{_number(significant(low, 3))} to {_number(significant(high, 3))}",
                f"$\\displaystyle {_math(one.equation)}$" if one.equation else "--",
            ]
        )
    caption = f"Variables of Eq.~\\eqref{{eq:{name}}} and the ranges it was fitted on."
    heads = ["Symbol", "Meaning", "Unit", "Fitted range", "Equation"]
    return _table(heads, "lllll", rows, caption, f"tab:{name}-variables")


def _table(
    heads: list[str], columns: str, rows: list[list[str]], caption: str, label: str
) -> str:
    lines = [" & ".join(row) + r" \\" for row in rows]
    body = "\n    ".join(lines)
    return (
        "\\begin{table}\n  \\centering\n"
        f"  \\caption{{{caption}}}\n  \\label{{{label}}}\n"
        f"  \\begin{{tabular}}{{{columns}}}\n    \\toprule\n"
        f"    {' & '.join(heads)} \\\\\n    \\midrule\n    {body}\n"
        "    \\bottomrule\n  \\end{tabular}\n\\end{table}"
    )


def _unit(unit: Unit) -> str:
    return "--" if unit.text == "1" else f"${_math(unit.latex)}$"


def _number(text: str) -> str:
    """Put a number as it is printed elsewhere into LaTeX mathematics."""
    if text == "–":
        return "--"
    plain = text.replace("−", "-").replace("×", r"\times").replace("\u202f", r"\,")
    powered = _POWER.sub(lambda m: f"10^{{{m[1].translate(_SUPERSCRIPTS)}}}", plain)
    return f"${powered}$"


def _math(latex: str) -> str:
    """Replace characters that text fonts have and mathematics fonts have not."""
    for given, safe in (("Å", r"\text{\AA}"), ("°", r"^\circ "), ("µ", r"\mu ")):
        latex = latex.replace(given, safe)
    return latex
