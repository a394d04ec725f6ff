"""Typst mathematics, for the PDF report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hecsr.formula.expression import Expression
from hecsr.formula.notation import Notation, render


def typst_number(value: float, digits: int) -> str:
    """Write a number to `digits` significant digits, as ``1.5 times 10^(-7)``."""
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa} times 10^({int(exponent)})"


_FUNCTIONS: Final = {
    "exp": lambda inner: f"exp({inner})",
    "log": lambda inner: f"ln({inner})",
    "sqrt": lambda inner: f"sqrt({inner})",
    "cbrt": lambda inner: f"root(3, {inner})",
    "abs": lambda inner: f"abs({inner})",
    "sin": lambda inner: f"sin({inner})",
    "cos": lambda inner: f"cos({inner})",
    "logistic": lambda inner: f"frac(1, 1 + exp[-({inner})])",
}


def to_typst(
    expression: Expression,
    symbols: Mapping[str, str],
    constants: Mapping[str, float | str],
    digits: int = 4,
) -> str:
    """Write an expression in Typst with the given symbols of its variables."""
    notation = Notation(
        number=lambda value: typst_number(value, digits),
        product=" thin ",
        quotient=lambda a, b: f"frac({a}, {b})",
        power=lambda base, exponent: f"{base}^({exponent})",
        functions=_FUNCTIONS,
        bracket=lambda inner: f"lr(({inner}))",
        bar=True,
    )
    return render(expression, notation, symbols, constants)
