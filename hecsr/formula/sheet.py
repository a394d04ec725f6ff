"""Tables that stand beside an equation: its variables and its coefficients."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from hecsr.descriptors.descriptor import plain
from hecsr.formula.printers import html, latex, typst
from hecsr.formula.printers.text import quote
from hecsr.formula.rounding import UNKNOWN, digits_of, written

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula
    from hecsr.units import Unit

_SUPERSCRIPTS: Final = str.maketrans("-/0123456789", "⁻ᐟ⁰¹²³⁴⁵⁶⁷⁸⁹")
_FACTOR = re.compile(r"\\mathrm\{([^{}]*)\}(?:\^\{([^{}]*)\})?")
_RANGE_DIGITS: Final = 3


@dataclass(frozen=True, slots=True)
class Words:
    """A cell of plain text; each language escapes it."""

    text: str


@dataclass(frozen=True, slots=True)
class Mathematics:
    """A cell of mathematics, already written for each language."""

    text: str
    latex: str
    typst: str
    html: str


Cell = Words | Mathematics


@dataclass(frozen=True, slots=True)
class Sheet:
    """A caption, heads, their alignment, and rows of cells."""

    caption: str
    heads: tuple[str, ...]
    align: tuple[Literal["left", "right"], ...]
    rows: tuple[tuple[Cell, ...], ...]


def variables_sheet(formula: Formula) -> Sheet:
    """Return symbol, meaning, unit and fitted range of each variable."""
    rows = []
    for one in formula.variables:
        bare = plain(one.name)
        symbol = Mathematics(
            quote(one.name),
            _in_mathematics(one.latex or bare.latex),
            one.typst or bare.typst,
            html.name(one.name),
        )
        rows.append(
            (
                symbol,
                Words(one.label or one.name),
                _unit(one.unit),
                _range(formula.ranges.get(one.name)),
            )
        )
    return Sheet(
        f"Variables of the formula for {_target(formula)} and the ranges it was "
        "fitted on.",
        ("Symbol", "Description", "Unit", "Fitted range"),
        ("left", "left", "left", "left"),
        tuple(rows),
    )


def coefficients_sheet(formula: Formula) -> Sheet:
    """Return value, standard error given this form, and unit of each coefficient.

    Values are written to two digits of their standard error, to four significant
    digits without one.
    """
    rows = []
    for one in formula.coefficients:
        error = one.standard_error
        known = digits_of(one.value, error)
        # two digits of an error that exceeds its value show no digit of the value
        value = written(one.value, known)
        spread: Cell = Words("–")
        if error is not None and error > 0:
            spread = number_cell(written(error, 2))
        rows.append(
            (_coefficient(one.name), number_cell(value), spread, _unit(one.unit))
        )
    fitted = f", fitted to {formula.n_samples} samples" if formula.n_samples else ""
    return Sheet(
        f"Coefficients of the formula for {_target(formula)}{fitted}; standard errors "
        "given this form.",
        ("Coefficient", "Value", "Standard error", "Unit"),
        ("left", "right", "right", "left"),
        tuple(rows),
    )


def number_cell(text: str) -> Cell:
    """Return a number, given as ``-1.20e-07``, for every language."""
    if text == "–":
        return Words(text)
    return Mathematics(
        text, latex.typeset(text), typst.typeset(text), html.typeset(text)
    )


def unit_text(unit: Unit) -> str:
    """Return a unit as ``kJ mol⁻¹`` or ``GPa¹ᐟ²``; nothing for a pure number."""
    if unit.text == "1":
        return ""
    parts = [
        name.replace("\\", "") + power.translate(_SUPERSCRIPTS)
        for name, power in _FACTOR.findall(unit.latex)
    ]
    return "\u00a0".join(parts) or unit.text


def _target(formula: Formula) -> str:
    return formula.target.label or formula.target.name


def _coefficient(name: str) -> Cell:
    if name[:1].isalpha() and name[1:].isdigit():
        letter, number = name[0], name[1:]
        return Mathematics(
            name,
            f"{letter}_{{{number}}}",
            f"{letter}_({number})",
            f"<i>{letter}</i><sub>{number}</sub>",
        )
    bare = plain(name)
    return Mathematics(name, bare.latex, bare.typst, html.name(name))


def _unit(unit: Unit) -> Cell:
    shown = unit_text(unit)
    if not shown:
        return Words("–")
    return Mathematics(
        shown, _in_mathematics(unit.latex), unit.typst, html.escape(shown)
    )


def _in_mathematics(written: str) -> str:
    """Replace what LaTeX's text fonts have and its mathematics fonts have not."""
    for given, safe in (("Å", r"\text{\AA}"), ("°", r"^\circ "), ("µ", r"\mu ")):
        written = written.replace(given, safe)
    return written


def _range(fitted: tuple[float, float] | None) -> Cell:
    if fitted is None:
        return Words("–")
    low, high = (written(value, _RANGE_DIGITS) for value in fitted)
    digits = _RANGE_DIGITS
    while low == high and fitted[0] != fitted[1] and digits < 2 * UNKNOWN:
        digits += 1
        low, high = (written(value, digits) for value in fitted)
    return Mathematics(
        f"{low} to {high}",
        rf"{latex.typeset(low)} \text{{ to }} {latex.typeset(high)}",
        f'{typst.typeset(low)} "to" {typst.typeset(high)}',
        f"{html.typeset(low)} to {html.typeset(high)}",
    )
