"""Read an expression from text, by a whitelist: nothing in the text is ever run.

::

    whole   = sum [ ("<" | "<=" | ">" | ">=") sum ]
    sum     = product { ("+" | "-") product }
    product = sign { ("*" | "/") sign }
    sign    = "-" sign | power
    power   = atom [ "^" exponent ]
    atom    = number | name | `quoted name` | function "(" whole ")" | "(" whole ")"

An exponent is an integer, a decimal, a rational number in brackets, or an atom:
``x^2``, ``x^0.585``, ``x^(-1/2)``, ``x^c1``. A comparison is 1 where it holds and 0
where not; ``(x > 1) * (y < 2)`` asks for both.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from fractions import Fraction
from typing import Final

from hecsr.errors import FormulaError, suggestion
from hecsr.formula.expression import (
    COMPARISONS,
    FUNCTIONS,
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
)

MAX_LENGTH: Final = 20_000
MAX_DEPTH: Final = 100
MAX_NODES: Final = 500
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|`(?P<quoted>(?:[^`\\]|\\[`\\])+)`"
    r"|(?P<mark><=|>=|[-+*/^()<>]))"
)
_EXPONENT = re.compile(
    r"\s*(?:(?P<plain>-?\d{0,3}\.\d{1,9}|-?\d{1,3})(?![\d.eE])"
    r"|\(\s*(?P<decimal>-?\d{0,3}\.\d{1,9})\s*\)"
    r"|\(\s*(?P<above>-?\d{1,9})\s*(?:/\s*(?P<below>\d{1,9})\s*)?\))"
)


def parse(text: str, constants: Iterable[str] = ()) -> Expression:
    """Return the expression that `text` stands for.

    Names listed in `constants` are fitted constants; every other plain or quoted
    name is a variable.

    Raises
    ------
    FormulaError
        If the text is not of the grammar; a mark shows where.
    """
    if len(text) > MAX_LENGTH:
        msg = f"a formula of {len(text)} characters; at most {MAX_LENGTH} are read"
        raise FormulaError(msg)
    parser = _Parser(text, frozenset(constants))
    expression = parser.whole()
    parser.expect_end()
    return expression


class _Parser:
    def __init__(self, text: str, constants: frozenset[str]) -> None:
        self.text = text
        self.constants = constants
        self.position = 0
        self.depth = 0
        self.operators = 0

    def error(self, reason: str, position: int | None = None) -> FormulaError:
        at = self.position if position is None else position
        shown = self.text.replace("\n", " ")
        return FormulaError(f"{reason}\n  {shown}\n  {' ' * at}^")

    def token(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.position)

    def mark(self, allowed: Container[str]) -> str | None:
        """Consume one of the marks in `allowed` if it comes next."""
        match = self.token()
        if match is None or match["mark"] is None or match["mark"] not in allowed:
            return None
        self.position = match.end()
        return match["mark"]

    def expect_end(self) -> None:
        rest = self.text[self.position :]
        if rest.strip():
            at = self.position + len(rest) - len(rest.lstrip())
            raise self.error("this cannot follow here", at)

    def count(self) -> None:
        """Refuse a chain so long that walking its tree would exhaust the stack."""
        self.operators += 1
        if self.operators > MAX_NODES:
            raise self.error(f"more than {MAX_NODES} operators")

    def whole(self) -> Expression:
        left = self.sum()
        operator = self.mark(COMPARISONS)
        if operator is None:
            return left
        self.count()
        node = Comparison(operator, left, self.sum())
        if self.mark(COMPARISONS):
            reason = "one comparison at a time; (x < y) * (y < z) asks for both"
            raise self.error(reason, self.position - 1)
        return node

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
        signs = []
        while self.mark("-"):
            match = self.token()
            if match is not None and match["number"] is not None:
                # a minus right before a number belongs to the number
                self.position = match.end()
                value = self.number(match["number"], match.start("number"))
                node = self.raised(Number(value))
                # -2^2 is -(2^2), as everywhere
                power = isinstance(node, Power)
                node = Negative(node) if power else Number(-value)
                break
            signs.append("-")
            if len(signs) > MAX_DEPTH:
                raise self.error(f"more than {MAX_DEPTH} signs in a row")
        else:
            node = self.raised(self.atom())
        for _ in signs:
            node = Negative(node)
        return node

    def number(self, text: str, at: int) -> float:
        value = float(text)
        if value == float("inf"):
            raise self.error("this number is too large", at)
        return value

    def raised(self, base: Expression) -> Expression:
        if not self.mark("^"):
            return base
        match = _EXPONENT.match(self.text, self.position)
        if match is not None:
            if match["below"] is not None and int(match["below"]) == 0:
                raise self.error("an exponent cannot have the denominator 0")
            self.position = match.end()
            whole = match["plain"] or match["decimal"] or match["above"]
            return Power(base, Fraction(whole) / int(match["below"] or 1))
        at = self.position
        exponent = self.atom()
        if isinstance(exponent, Number):
            reason = "an exponent has at most 3 digits before and 9 after the point"
            raise self.error(reason, at)
        self.count()
        return Binary("^", base, exponent)

    def atom(self) -> Expression:
        match = self.token()
        if match is None:
            rest = self.text[self.position :]
            at = self.position + len(rest) - len(rest.lstrip())
            raise self.error("a number, a name or a bracket is expected here", at)
        self.position = match.end()
        if match["number"] is not None:
            return Number(self.number(match["number"], match.start("number")))
        if match["quoted"] is not None:
            return Variable(re.sub(r"\\(.)", r"\1", match["quoted"]))
        if match["name"] is not None:
            return self.named(match["name"], match.start("name"))
        if match["mark"] == "(":
            return self.bracketed()
        raise self.error(f"'{match['mark']}' cannot stand here", match.start("mark"))

    def named(self, name: str, at: int) -> Expression:
        if self.mark("("):
            if name not in FUNCTIONS:
                hint = suggestion(name, FUNCTIONS)
                raise self.error(f"unknown function '{name}'; {hint}", at)
            return Call(name, self.bracketed())
        if name in FUNCTIONS:
            raise self.error(f"the function '{name}' needs brackets", at)
        return Constant(name) if name in self.constants else Variable(name)

    def bracketed(self) -> Expression:
        opened = self.position - 1
        node = self.whole()
        if not self.mark(")"):
            raise self.error("this bracket is not closed", opened)
        return node
