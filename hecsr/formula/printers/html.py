"""HTML without MathML or scripts: raised exponents, everything else in a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape as _escape
from typing import Final

from hecsr.formula.expression import FUNCTIONS, Expression, variables
from hecsr.formula.notation import Notation, number_text, render
from hecsr.formula.printers.text import quote

_SHOWN: Final = {"log": "ln", "log10": "log<sub>10</sub>", "atan": "arctan"}


def escape(text: str) -> str:
    """Return text that HTML shows as it stands, on one line."""
    return _escape(" ".join(text.split()))


def name(variable: str) -> str:
    """Write a variable's name in italics; what is not seen is written as a code."""
    shown = quote(variable)
    return f"<i>{escape(shown[1:-1] if shown.startswith('`') else shown)}</i>"


def _call(function: str) -> Callable[[str], str]:
    return lambda inner: f"{_SHOWN.get(function, function)}({inner})"


def html_number(value: float, digits: int | None) -> str:
    """Write a number to `digits` significant digits, to all of them without."""
    return typeset(number_text(value, digits))


def typeset(number: str) -> str:
    """Turn ``-1.50e-07`` into ``−1.50 × 10<sup>−7</sup>``."""
    mantissa, _, exponent = number.replace("-", "−").partition("e")
    if not exponent:
        return mantissa
    power = int(exponent.replace("−", "-"))
    return f"{mantissa} × 10<sup>{str(power).replace('-', '−')}</sup>"


def to_html(
    expression: Expression, constants: Mapping[str, float | str], digits: int | None = 4
) -> str:
    """Write an expression in HTML, its variables by their escaped names."""
    notation = Notation(
        number=lambda value: html_number(value, digits),
        product=" ",
        product_of_numbers=" · ",
        quotient=lambda a, b: f"{a} / {b}",
        power=lambda base, exponent: f"{base}<sup>{exponent.replace('-', '−')}</sup>",
        functions={function: _call(function) for function in FUNCTIONS},
        bracket=lambda inner: f"({inner})",
        bar=False,
        minus="−",
        iverson=lambda inner: f"[{inner}]",
        comparisons={"<": " &lt; ", "<=": " ≤ ", ">": " &gt; ", ">=": " ≥ "},
    )
    symbols = {variable: name(variable) for variable in variables(expression)}
    return render(expression, notation, symbols, constants)
