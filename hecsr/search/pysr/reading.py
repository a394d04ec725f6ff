"""Read what PySR writes: equations as text, and tables of them.

::

    sum     = product { ("+" | "-") product }
    product = sign { ("*" | "/") sign }
    sign    = ("-" | "+") sign | power
    power   = atom [ "^" sign ]
    atom    = number | "x" digits | function "(" sum { "," sum } ")" | "(" sum ")"

PySR's roots, logarithms and powers are NaN where they are undefined, as those of
:mod:`hecsr.formula.expression`.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from hecsr.errors import FormulaError, suggestion
from hecsr.formula.expression import (
    Array,
    Binary,
    Call,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
)

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eEf][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark>[-+*/^(),]))"
)
MAX_LENGTH: Final = 20_000
MAX_DEPTH: Final = 100
MAX_NODES: Final = 250
_HEADER: Final = ["Complexity", "Loss", "Equation"]
_LARGEST_EXPONENT: Final = 1e9


def _power(base: Expression, exponent: Expression) -> Expression:
    match exponent:
        case Number(value) if abs(value) < _LARGEST_EXPONENT:
            # every float is a fraction, so that nothing is rounded here
            return Power(base, Fraction(value))
        case Number(value):
            raise FormulaError(f"the exponent {value:g} is too large")
    return Binary("^", base, exponent)


UNARY: Final[Mapping[str, Callable[[Expression], Expression]]] = MappingProxyType(
    {
        "neg": Negative,
        "square": lambda x: Power(x, Fraction(2)),
        "cube": lambda x: Power(x, Fraction(3)),
        "inv": lambda x: Binary("/", Number(1.0), x),
        **{
            name: lambda x, name=name: Call(name, x)  # type: ignore[misc]
            for name in (
                "sqrt", "cbrt", "exp", "log", "log10", "abs", "sin", "cos", "tan",
                "atan", "tanh",
            )
        },
    }
)  # fmt: skip
"""What each of PySR's functions of one operand is here."""
_CALLED: Final[Mapping[str, Callable[[Expression, Expression], Expression]]] = (
    MappingProxyType(
        {
            "plus": lambda x, y: Binary("+", x, y),
            "sub": lambda x, y: Binary("-", x, y),
            "mult": lambda x, y: Binary("*", x, y),
            "div": lambda x, y: Binary("/", x, y),
            "pow": _power,
        }
    )
)


@dataclass(frozen=True, eq=False)
class Equation:
    """One row of PySR's table.

    Attributes
    ----------
    complexity
        As PySR counts: every node and leaf, unless it was told otherwise.
    loss
        As PySR computed it, penalty for units included.
    text
        The equation of the variables ``x0``, ``x1``, ...
    predictions
        What PySR predicts for the rows that it learnt from; None where unknown.
    """

    complexity: int
    loss: float
    text: str
    predictions: Array | None = None


def read_equation(text: str, names: Sequence[str]) -> Expression:
    """Return the expression of an equation, its numbers as written.

    Parameters
    ----------
    names
        The variable that ``x0``, ``x1``, ... stand for each.

    Raises
    ------
    FormulaError
        If the text is not of the grammar above; a mark shows where.
    """
    if len(text) > MAX_LENGTH:
        msg = f"an equation of {len(text)} characters; at most {MAX_LENGTH} are read"
        raise FormulaError(msg)
    reader = _Reader(text, {f"x{i}": name for i, name in enumerate(names)})
    expression = reader.sum()
    reader.expect_end()
    return expression


def read_table(text: str) -> list[Equation]:
    """Return the rows of a ``hall_of_fame.csv``, without one that is cut short.

    Raises
    ------
    FormulaError
        If the first line is not the header of such a table.
    """
    # a last line without its end may lack anything
    whole = text[: text.rfind("\n") + 1]
    rows = csv.reader(whole.splitlines(), strict=True)
    if next(rows, None) != _HEADER:
        raise FormulaError(f"not a table of PySR: expected {','.join(_HEADER)}")
    found: list[Equation] = []
    try:
        for complexity, loss, equation in rows:
            found.append(Equation(int(complexity), _real(loss), equation))
    except (ValueError, csv.Error):
        return found
    return found


def _real(text: str) -> float:
    # a Float32 of Julia may have f for its exponent
    return float(text if text.strip("+-").lower() == "inf" else text.replace("f", "e"))


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, str]) -> None:
        self.text = text
        self.variables = variables
        self.position = 0
        self.depth = 0
        self.nodes = 0

    def error(self, reason: str, position: int | None = None) -> FormulaError:
        at = self.position if position is None else position
        return FormulaError(f"{reason}\n  {self.text}\n  {' ' * at}^")

    def token(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.position)

    def mark(self, allowed: str) -> str | None:
        """Consume one of the marks in `allowed` if it comes next."""
        match = self.token()
        if match is None or match["mark"] is None or match["mark"] not in allowed:
            return None
        self.position = match.end()
        return match["mark"]

    def expect_end(self) -> None:
        if self.text[self.position :].strip():
            raise self.error("this cannot follow here")

    def count(self) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.error(f"more than {MAX_NODES} operations")

    def sum(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} deep")
        node = self.product()
        while operator := self.mark("+-"):
            self.count()
            node = Binary(operator, node, self.product())
        self.depth -= 1
        return node

    def product(self) -> Expression:
        node = self.sign()
        while operator := self.mark("*/"):
            self.count()
            node = Binary(operator, node, self.sign())
        return node

    def sign(self) -> Expression:
        signs = 0
        minus = False
        while sign := self.mark("+-"):
            signs += 1
            if signs > MAX_DEPTH:
                raise self.error(f"more than {MAX_DEPTH} signs in a row")
            minus ^= sign == "-"
        node = self.power()
        if not minus:
            return node
        match node:
            case Number(value):
                return Number(-value)
        self.count()
        return Negative(node)

    def power(self) -> Expression:
        base = self.atom()
        at = self.position
        if not self.mark("^"):
            return base
        self.count()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} deep")
        exponent = self.sign()
        self.depth -= 1
        return self.made(lambda: _power(base, exponent), at)

    def made(self, make: Callable[[], Expression], at: int) -> Expression:
        try:
            return make()
        except FormulaError as error:
            raise self.error(str(error), at) from None

    def atom(self) -> Expression:
        match = self.token()
        if match is None:
            raise self.error("a number, a variable or a bracket is expected here")
        at = match.start(match.lastgroup or 0)
        self.position = match.end()
        if match["number"] is not None:
            value = _real(match["number"])
            if not math.isfinite(value):
                raise self.error("this number is too large", at)
            return Number(value)
        if match["name"] is not None:
            return self.named(match["name"], at)
        if match["mark"] == "(":
            return self.arguments(at)[0]
        raise self.error(f"'{match['mark']}' cannot stand here", at)

    def named(self, name: str, at: int) -> Expression:
        if not self.mark("("):
            if name not in self.variables:
                raise self.error(f"unknown variable '{name}'", at)
            return Variable(self.variables[name])
        made = UNARY.get(name) or _CALLED.get(name)
        if made is None:
            hint = suggestion(name, [*UNARY, *_CALLED])
            raise self.error(f"unknown function '{name}'; {hint}", at)
        self.count()
        operands = self.arguments(at, 1 if name in UNARY else 2)
        return self.made(lambda: made(*operands), at)

    def arguments(self, at: int, wanted: int = 1) -> list[Expression]:
        """Read as many operands as are wanted and the bracket that closes them."""
        found = [self.sum()]
        while len(found) < wanted and self.mark(","):
            found.append(self.sum())
        if len(found) < wanted or not self.mark(")"):
            raise self.error("this bracket is not closed", at)
        return found
