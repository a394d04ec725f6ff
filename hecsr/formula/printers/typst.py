"""Typst mathematics and text, for the PDF report."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from hecsr.formula.expression import Expression
from hecsr.formula.notation import Notation, number_text, render

_PUNCTUATION = re.compile(r"""([!"#$%&'()*+\-./:;<=>?@\[\\\]^_`{|}~])""")


def escape(text: str) -> str:
    """Return text that Typst markup shows as it stands."""
    return _PUNCTUATION.sub(r"\\\1", re.sub(r"[ \t\r\n]+", " ", text))


def typst_number(value: float, digits: int | None) -> str:
    """Write a number to `digits` significant digits, to all of them without."""
    if not math.isfinite(value):
        return "infinity" if math.isinf(value) else '"NaN"'
    return typeset(number_text(value, digits))


def typeset(number: str) -> str:
    """Turn ``1.50e-07`` into ``1.50 times 10^(-7)``."""
    if "e" not in number:
        return number
    mantissa, exponent = number.split("e")
    return f"{mantissa} times 10^({int(exponent)})"


_FUNCTIONS: Final = {
    "exp": lambda inner: f"exp({inner})",
    "log": lambda inner: f"ln({inner})",
    "log10": lambda inner: f"log_(10) lr(({inner}))",
    "sqrt": lambda inner: f"sqrt({inner})",
    "cbrt": lambda inner: f"root(3, {inner})",
    "abs": lambda inner: f"abs({inner})",
    "sin": lambda inner: f"sin({inner})",
    "cos": lambda inner: f"cos({inner})",
    "tan": lambda inner: f"tan({inner})",
    "atan": lambda inner: f"arctan({inner})",
    "tanh": lambda inner: f"tanh({inner})",
    "logistic": lambda inner: f"frac(1, 1 + exp[-({inner})])",
}


def to_typst(
    expression: Expression,
    symbols: Mapping[str, str],
    constants: Mapping[str, float | str],
    digits: int | None = 4,
) -> str:
    """Write an expression in Typst with the given symbols of its variables.

    A comparison stands in Iverson's brackets: ``[x > 1]`` is 1 or 0.
    """
    notation = Notation(
        number=lambda value: typst_number(value, digits),
        product=" thin ",
        product_of_numbers=" dot.op ",
        quotient=lambda a, b: f"frac({a}, {b})",
        power=lambda base, exponent: f"{base}^({exponent})",
        functions=_FUNCTIONS,
        bracket=lambda inner: f"lr(({inner}))",
        bar=True,
        fractions=frozenset({"logistic"}),
        iverson=lambda inner: f"lr([{inner}])",
        # by name: a bare < may begin a label
        comparisons={"<": " lt ", "<=": " lt.eq ", ">": " gt ", ">=": " gt.eq "},
    )
    return render(expression, notation, symbols, constants)
