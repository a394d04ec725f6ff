"""The chosen formulas as a LaTeX fragment to paste into a manuscript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.bibliography import bibliography
from hecsr.report.equation import equations
from hecsr.report.latex.tables import Named, to_table
from hecsr.report.latex.text import equation_label, escape, label, mathematics
from hecsr.report.latex.widths import mathematics_ems
from hecsr.report.model import Equation, Table
from hecsr.report.sections import formulas as section
from hecsr.report.units import unit_text

if TYPE_CHECKING:
    from hecsr.report.bibliography import Bibliography
    from hecsr.report.metrics import Metric
    from hecsr.report.view import View
    from hecsr.result import FormulaResult

_HEAD: Final = r"""% Needs \usepackage{amsmath,array,booktabs,longtable};
% the keys cited are those of references.bib.
% The errors quoted are those of the procedure; the formula refitted on all rows
% has no held-out error of its own."""
_METHODS: Final = {
    "sisso": "by compressed sensing over a space of built features (SISSO)",
    "lasso": "by sparse linear regression (LASSO)",
    "operon": "by genetic programming (Operon)",
    "pysr": "by genetic programming (PySR)",
}
_LINE: Final = 36.0
"""Ems of an equation at ten points in a line of 160 mm, less its number."""


def to_latex(view: View) -> str:
    """Return equations, a sentence of method, coefficients and variables.

    The sentence states the held-out error of the procedure and how rows were held
    out, and cites keys of ``references.bib``.
    """
    cited = bibliography(view)
    blocks = {
        block.label: block for block in section.blocks(view) if isinstance(block, Table)
    }
    parts = [_HEAD]
    for number, chosen in enumerate(view.chosen, start=1):
        own = equation_label(view, number)
        shown = equations(chosen.formula, digits=chosen.digits)
        last = len(shown) - 1
        parts += [
            f"% ---- {_line(chosen.label)}, formula {number}",
            *(_equation(e, own if i == last else "") for i, e in enumerate(shown)),
            _method(view, chosen, own, cited),
        ]
        for kind in ("coefficients", "variables"):
            table = blocks.get(f"tab:{kind}-{number}")
            if table is not None:
                name = f"tab:{label(view.result.name, chosen.engine, kind)}"
                parts.append(to_table(table, name, _mention(own)))
    return "\n\n".join(parts) + "\n"


def _mention(own: str) -> Named:
    """Return how the tables of a formula mention it; they mention nothing else."""

    def named(_: str) -> str:
        return rf"Eq.~\eqref{{{own}}}"

    return named


def _line(text: str) -> str:
    return " ".join(text.split())


def _equation(equation: Equation, own: str) -> str:
    left = mathematics(equation.left.latex)
    parts = [mathematics(part.latex) for part in equation.parts]
    named = f"\n\\label{{{own}}}" if own else ""
    kind = "equation" if own else "equation*"
    lines = _lines(parts, _LINE - mathematics_ems(left))
    if len(lines) == 1:
        body = f"{left} = {lines[0]}"
    else:
        broken = " \\\\\n  &\\quad ".join(lines)
        body = f"\\begin{{aligned}}\n  {left} &= {broken}\n\\end{{aligned}}"
    return f"\\begin{{{kind}}}{named}\n{body}\n\\end{{{kind}}}"


def _lines(parts: list[str], most: float) -> list[str]:
    """Put as many terms on a line as fit into so many ems."""
    lines, room = [parts[0]], most - mathematics_ems(parts[0])
    for part in parts[1:]:
        width = mathematics_ems(part) + 1.5
        if width <= room:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
            room = most
        room -= width
    return lines


def _method(view: View, chosen: FormulaResult, own: str, cited: Bibliography) -> str:
    """Say how the formula was found, on what, and how far off its procedure is."""
    engine, n = chosen.engine, chosen.formula.n_samples
    how = _METHODS.get(engine, f"by {escape(chosen.label)}")
    if engine in cited.engines:
        how += _cite([cited.engines[engine]])
    version = view.result.versions.get("hecsr", "")
    said = f"Equation~\\eqref{{{own}}} was found {how} with hecsr"
    said += f"{f' {escape(version)}' if version else ''}{_cite(['hecsr'])} "
    said += f"and fitted to {n} samples{_cite(cited.data)}"
    variables = [cited.variables.get(name, ()) for name in chosen.formula.names]
    keys = list(dict.fromkeys(key for of_one in variables for key in of_one))
    if keys:
        said += f", its variables from the values of Refs.{_cite(keys)}"
    return _wrapped(f"{said}{_error(view, engine)}.")


def _error(view: View, engine: str) -> str:
    procedure = view.procedure(engine)
    if procedure is None:
        return ""
    one, main = view.primary, view.main
    score = view.score(procedure.name)
    unit = unit_text(view.unit_of(one))
    value = escape(view.written(score, one)) + (f"~{escape(unit)}" if unit else "")
    over = f"over {score.folds} folds" if score.folds > 1 else "on one fold"
    kind = "mean $\\pm$ standard deviation " if score.folds > 1 else ""
    return (
        "; on held-out rows the whole procedure, the search and the choice of the "
        f"formula's size included, has a {escape(_named(one))} of {value} "
        f"({kind}{over}; {escape(_lowered(main.label))}: {escape(main.description)})"
    )


def _named(one: Metric) -> str:
    """Return a metric's name in words where these are short, else as it is known."""
    spelled = one.label.isupper() and one.meaning
    return f"{one.meaning} ({one.label})" if spelled else one.label


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _cite(keys: tuple[str, ...] | list[str]) -> str:
    return f"~\\cite{{{','.join(keys)}}}" if keys else ""


def _wrapped(text: str) -> str:
    """Break a paragraph into lines, only where it has a blank."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + len(word) >= 80:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])
