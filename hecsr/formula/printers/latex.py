r"""LaTeX mathematics and text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from hecsr.formula.expression import Expression
from hecsr.formula.notation import Notation, number_text, render

_GREEK: Final = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        (
            "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu "
            "xi pi rho sigma tau upsilon varphi chi psi omega Gamma Delta Theta Lambda "
            "Xi Pi Sigma Phi Psi Omega"
        ).split(),
        strict=True,
    )
)
_ESCAPES: Final[Mapping[str, str]] = (
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': "{''}",
        "`": r"\textasciigrave{}",
        "−": "$-$",
        "×": r"$\times$",
        "·": r"$\cdot$",
        "±": r"$\pm$",
        "≤": r"$\leq$",
        "≥": r"$\geq$",
        "–": r"\textendash{}",
        "Å": r"\AA{}",
        "°": r"\textdegree{}",
        "µ": r"\textmu{}",
        "\u202f": r"\,",
        "\u00a0": "~",
        "²": r"\textsuperscript{2}",
        "³": r"\textsuperscript{3}",
    }
    | {letter: rf"$\{name}$" for letter, name in _GREEK.items()}
    | {c: f"\\{c}" for c in "#$%&_{}"}
)


def escape(text: str) -> str:
    """Return text that LaTeX prints as it stands."""
    flat = re.sub(r"[ \t\r\n]+", " ", text)
    # two hyphens would join to a dash
    return "".join(_ESCAPES.get(c, c) for c in flat).replace("--", "-{}-")


def latex_number(value: float, digits: int | None) -> str:
    """Write a number to `digits` significant digits, to all of them without."""
    if not math.isfinite(value):
        return r"\infty" if math.isinf(value) else r"\mathrm{NaN}"
    return typeset(number_text(value, digits))


def typeset(number: str) -> str:
    r"""Turn ``1.50e-07`` into ``1.50 \times 10^{-7}``."""
    if "e" not in number:
        return number
    mantissa, exponent = number.split("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}"


def _named(name: str) -> Callable[[str], str]:
    return lambda inner: rf"\{name}\left({inner}\right)"


_FUNCTIONS: Final[Mapping[str, Callable[[str], str]]] = {
    "exp": _named("exp"),
    "log": _named("ln"),
    "log10": _named("log_{10}"),
    "sqrt": lambda inner: rf"\sqrt{{{inner}}}",
    "cbrt": lambda inner: rf"\sqrt[3]{{{inner}}}",
    "abs": lambda inner: rf"\left|{inner}\right|",
    "sin": _named("sin"),
    "cos": _named("cos"),
    "tan": _named("tan"),
    "atan": _named("arctan"),
    "tanh": _named("tanh"),
    "logistic": lambda inner: (
        rf"\frac{{1}}{{1 + \exp\left[-\left({inner}\right)\right]}}"
    ),
}


def to_latex(
    expression: Expression,
    symbols: Mapping[str, str],
    constants: Mapping[str, float | str],
    digits: int | None = 4,
) -> str:
    """Write an expression in LaTeX with the given symbols of its variables.

    A comparison stands in Iverson's brackets: ``[x > 1]`` is 1 or 0.
    """
    notation = Notation(
        number=lambda value: latex_number(value, digits),
        product=r" \, ",
        product_of_numbers=r" \cdot ",
        quotient=lambda a, b: rf"\frac{{{a}}}{{{b}}}",
        power=lambda base, exponent: f"{{{base}}}^{{{exponent}}}",
        functions=_FUNCTIONS,
        bracket=lambda inner: rf"\left({inner}\right)",
        bar=True,
        fractions=frozenset({"logistic"}),
        iverson=lambda inner: rf"\left[{inner}\right]",
        comparisons={"<": " < ", "<=": r" \leq ", ">": " > ", ">=": r" \geq "},
    )
    return render(expression, notation, symbols, constants)
