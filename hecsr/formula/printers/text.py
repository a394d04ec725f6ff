"""Plain text: the grammar that :mod:`hecsr.formula.grammar` reads back."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from hecsr.errors import FormulaError
from hecsr.formula.expression import FUNCTIONS, Constant, Expression, variables, walk
from hecsr.formula.grammar import MAX_DIGITS, MAX_EXPONENT, PLAIN_NAME
from hecsr.formula.misreadings import HIDDEN
from hecsr.formula.notation import Notation, exponent_text, render

_ESCAPES: Final = {"\\": r"\\", "`": r"\`", "\n": r"\n", "\t": r"\t", "\r": r"\r"}


def quote(name: str, taken: frozenset[str] = frozenset()) -> str:
    """Write a variable's name, in backticks unless it reads as a plain word.

    Raises
    ------
    FormulaError
        If the name is empty.
    """
    if not name:
        raise FormulaError("a variable without a name cannot be written; name it")
    if PLAIN_NAME.fullmatch(name) and name not in FUNCTIONS and name not in taken:
        return name
    return f"`{''.join(map(_quoted, name))}`"


def _quoted(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    hidden = unicodedata.category(character) in HIDDEN
    return f"\\u{{{ord(character):x}}}" if hidden else character


def _call(name: str) -> Callable[[str], str]:
    return lambda inner: f"{name}({inner})"


def _power(base: str, exponent: str) -> str:
    simple = exponent.isdigit() or PLAIN_NAME.fullmatch(exponent) is not None
    return f"{base}^{exponent}" if simple else f"{base}^({exponent})"


def _exact_number(value: float) -> str:
    if not math.isfinite(value):
        raise FormulaError(
            f"{value} is not a number that a formula can be written with"
        )
    return repr(float(value))


def _exact_exponent(exponent: Fraction) -> str:
    """Write an exponent so that it is read back as the same fraction."""
    text = exponent_text(exponent)
    longest = max(len(str(abs(exponent.numerator))), len(str(exponent.denominator)))
    if abs(exponent) > MAX_EXPONENT or ("/" in text and longest > MAX_DIGITS):
        raise FormulaError(
            f"the exponent {exponent} is beyond ±{MAX_EXPONENT} or has more than "
            f"{MAX_DIGITS} digits; round it"
        )
    return text


def _notation(digits: int | None) -> Notation:
    return Notation(
        number=_exact_number if digits is None else lambda v: f"{v:.{digits}g}",
        product=" * ",
        product_of_numbers=" * ",
        quotient=lambda a, b: f"{a} / {b}",
        power=_power,
        exponent=_exact_exponent if digits is None else exponent_text,
        functions={name: _call(name) for name in FUNCTIONS},
        bracket=lambda inner: f"({inner})",
        bar=False,
        plain_numbers=True,
        draw_out_signs=digits is not None,
    )


EXACT: Final = _notation(None)


def to_text(
    expression: Expression,
    constants: Mapping[str, float] = MappingProxyType({}),
    digits: int | None = None,
) -> str:
    """Write an expression as plain text.

    Constants without a value are written by name. Without `digits` numbers are
    exact and the text is read back as the same expression.

    Raises
    ------
    FormulaError
        If the grammar has no form for a part: a name is empty, a constant's name is
        not a plain word, a number is not finite, an exponent is too large.
    """
    names = frozenset(n.name for n in walk(expression) if isinstance(n, Constant))
    for name in names:
        if name not in constants and (
            not PLAIN_NAME.fullmatch(name) or name in FUNCTIONS
        ):
            raise FormulaError(
                f"the constant '{name}' cannot be written; its name must be letters, "
                "digits and _, and not that of a function"
            )
    symbols = {name: quote(name, names) for name in variables(expression)}
    written = {name: constants.get(name, name) for name in names}
    notation = EXACT if digits is None else _notation(digits)
    return render(expression, notation, symbols, written)
