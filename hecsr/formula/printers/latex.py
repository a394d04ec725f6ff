"""LaTeX mathematics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hecsr.formula.expression import Expression
from hecsr.formula.notation import Notation, render


def latex_number(value: float, digits: int) -> str:
    r"""Write a number to `digits` significant digits, as ``1.5 \times 10^{-7}``."""
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}"


def _named(name: str) -> Callable[[str], str]:
    return lambda inner: rf"\{name}\left({inner}\right)"


_FUNCTIONS: Final[Mapping[str, Callable[[str], str]]] = {
    "exp": _named("exp"),
    "log": _named("ln"),
    "sqrt": lambda inner: rf"\sqrt{{{inner}}}",
    "cbrt": lambda inner: rf"\sqrt[3]{{{inner}}}",
    "abs": lambda inner: rf"\left|{inner}\right|",
    "sin": _named("sin"),
    "cos": _named("cos"),
    "logistic": lambda inner: (
        rf"\frac{{1}}{{1 + \exp\left[-\left({inner}\right)\right]}}"
    ),
}


def to_latex(
    expression: Expression,
    symbols: Mapping[str, str],
    constants: Mapping[str, float | str],
    digits: int = 4,
) -> str:
    """Write an expression in LaTeX with the given symbols of its variables."""
    notation = Notation(
        number=lambda value: latex_number(value, digits),
        product=r" \, ",
        quotient=lambda a, b: rf"\frac{{{a}}}{{{b}}}",
        power=lambda base, exponent: f"{{{base}}}^{{{exponent}}}",
        functions=_FUNCTIONS,
        bracket=lambda inner: rf"\left({inner}\right)",
        bar=True,
    )
    return render(expression, notation, symbols, constants)
