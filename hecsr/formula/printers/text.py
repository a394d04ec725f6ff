"""Plain text: the grammar that :mod:`hecsr.formula.grammar` reads back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from hecsr.formula.expression import FUNCTIONS, Constant, Expression, variables, walk
from hecsr.formula.notation import Notation, render

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def quote(name: str, taken: frozenset[str] = frozenset()) -> str:
    """Write a variable's name, in backticks unless it reads as a plain word."""
    if _BARE.fullmatch(name) and name not in FUNCTIONS and name not in taken:
        return name
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def _call(name: str) -> Callable[[str], str]:
    return lambda inner: f"{name}({inner})"


def _power(base: str, exponent: str) -> str:
    simple = exponent.isdigit() or _BARE.fullmatch(exponent) is not None
    return f"{base}^{exponent}" if simple else f"{base}^({exponent})"


def _notation(digits: int | None) -> Notation:
    return Notation(
        number=repr if digits is None else lambda v: f"{v:.{digits}g}",
        product=" * ",
        quotient=lambda a, b: f"{a} / {b}",
        power=_power,
        functions={name: _call(name) for name in FUNCTIONS},
        bracket=lambda inner: f"({inner})",
        bar=False,
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
    """
    names = frozenset(n.name for n in walk(expression) if isinstance(n, Constant))
    symbols = {name: quote(name, names) for name in variables(expression)}
    written = {name: constants.get(name, name) for name in names}
    notation = EXACT if digits is None else _notation(digits)
    return render(expression, notation, symbols, written)
