"""How a formula shows itself: a line, LaTeX, and HTML for a notebook.

Nothing is computed here: only what the formula carries is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.formula.printers import html
from hecsr.formula.printers.sheets import sheet_to_html
from hecsr.formula.rounding import written
from hecsr.formula.sheet import coefficients_sheet, unit_text, variables_sheet
from hecsr.units import says_unit

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula
    from hecsr.units import Unit

_LONGEST: Final = 100
"""Characters of the line that stands for a formula."""


def short(formula: Formula) -> str:
    """Return one line of at most 100 characters, its end cut off where need be."""
    right = " ".join(formula.to_text().split())
    line = f"Formula({' '.join(formula.target.name.split())} = {right})"
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 2]}…)"


def mathematics(formula: Formula) -> str:
    """Return the equation as displayed LaTeX between dollar signs."""
    return f"$\\displaystyle {formula.to_latex(equation=True)}$"


def page(formula: Formula, digits: int = 4) -> str:
    """Return HTML: the equation, what is known of its error, and two tables."""
    target = formula.target
    left = f"<i>{html.escape(target.name)}</i>"
    right = html.to_html(formula.expression, formula.constants, digits)
    said = says_unit(target.name, target.unit)
    parts = [f"<p>{left} = {right}{'' if said else _unit(target.unit)}</p>"]
    facts = _facts(formula)
    if facts:
        parts.append(f"<p>{html.escape('; '.join(facts))}.</p>")
    if formula.variables:
        parts.append(sheet_to_html(variables_sheet(formula)))
    if formula.coefficients:
        parts.append(sheet_to_html(coefficients_sheet(formula)))
    # notebooks would typeset what stands between dollar signs in a label
    return f'<div class="mathjax_ignore tex2jax_ignore">{"".join(parts)}</div>'


def _unit(unit: Unit) -> str:
    shown = unit_text(unit)
    return f" &nbsp;({html.escape(shown)})" if shown else ""


def _facts(formula: Formula) -> list[str]:
    """Return what the formula knows of its samples and its errors, as phrases."""
    unit = f" {unit_text(formula.target.unit)}".rstrip()
    facts = []
    if formula.task == "classification":
        facts.append("The value is the probability of the class")
    if formula.n_samples:
        facts.append(f"fitted to {formula.n_samples} samples")
    residual = formula.metrics.get("residual_sd")
    if residual is not None:
        shown = written(residual, 3)
        facts.append(f"residual standard deviation of the fit {shown}{unit}")
    interval = formula.interval
    if interval is not None:
        facts.append(
            f"{interval.level:.0%} of the held-out errors are within "
            f"±{written(interval.half_width, 3)}{unit} ({interval.source})"
        )
    return facts
