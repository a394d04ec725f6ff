r"""Read an expression from text, by a whitelist: nothing in the text is ever run.

::

    whole    = sum [ ("<" | "<=" | ">" | ">=") sum ]
    sum      = product { ("+" | "-") product }
    product  = sign { ("*" | "/") sign }
    sign     = "-" sign | power
    power    = atom [ "^" exponent ]
    exponent = ["-"] number | "(" ["-"] digits "/" digits ")" | atom
    atom     = number | name | `quoted name` | function "(" whole ")" | "(" whole ")"

A plain name is made of Latin or Greek letters, digits and ``_``, and does not begin
with a digit. Any other name stands between backticks, in which ``\``` is a
backtick, ``\\`` a backslash, ``\n``, ``\t``, ``\r`` a line feed, tab and carriage
return, and ``\u{2009}`` the character of that code point.

An exponent that is a number or a ratio of two is exact: ``x^2``, ``x^-0.585``,
``x^(-1/2)``; others are evaluated: ``x^c1``, ``x^(a + b)``. ``-x^2`` is ``-(x^2)``;
``x^y^z`` needs brackets. A comparison is 1 where it holds and 0 where not;
``(x > 1) * (y < 2)`` asks for both. ``log`` is the natural logarithm.

Read as well, but never printed: ``ln`` for ``log``, ``−`` for ``-``, ``×``, ``·`` and
``⋅`` for ``*``, ``≤`` and ``≥`` for ``<=`` and ``>=``. Names are taken letter by
letter: the micro sign ``µ`` and the Greek ``μ`` are two names.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from fractions import Fraction
from typing import Final

from hecsr.errors import FormulaError
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
from hecsr.formula.misreadings import (
    bad_character,
    instead_of_operand,
    instead_of_operator,
    unknown_function,
)

MAX_LENGTH: Final = 100_000
MAX_DEPTH: Final = 50
MAX_NODES: Final = 500
MAX_HEIGHT: Final = 250
MAX_EXPONENT: Final = 999
MAX_DIGITS: Final = 18

# Greek letters that cannot be taken for a Latin one at its place (no omicron, no
# capital Alpha), the micro sign, and the other shapes of epsilon, theta and phi.
_GREEK: Final = "αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΦΨΩµϵϑϕ"
PLAIN_NAME: Final = re.compile(rf"[A-Za-z_{_GREEK}][A-Za-z0-9_{_GREEK}]*")
"""A name that needs no backticks, unless a function or a constant has it."""

# ASCII digits and blanks by name: \d and \s would let in those of every script
_BLANK: Final = " \t\r\n\u00a0\u2009\u202f"
# no two parts of a pattern may share characters: reading stays linear in the length
_BLANKS = re.compile(f"[{_BLANK}]*")
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TOKEN = re.compile(
    rf"[{_BLANK}]*(?:(?P<number>{_NUMBER})"
    rf"|(?P<name>{PLAIN_NAME.pattern})"
    r"|`(?P<quoted>(?:[^`\\]|\\[`\\ntr]|\\u\{[0-9a-fA-F]{1,6}\})*)`"
    r"|(?P<mark><=|>=|[-+*/^()<>−×·⋅≤≥]))"
)
_RATIO = re.compile(
    rf"[{_BLANK}]*\([{_BLANK}]*(?P<above>[-−]?[0-9]{{1,{MAX_DIGITS}}})[{_BLANK}]*"
    rf"(?:/[{_BLANK}]*(?P<below>[0-9]{{1,{MAX_DIGITS}}})[{_BLANK}]*)?\)"
)
_DECIMAL = re.compile(
    rf"[{_BLANK}]*(?:\([{_BLANK}]*(?P<within>[-−]?{_NUMBER})[{_BLANK}]*\)"
    rf"|(?P<bare>[-−]?{_NUMBER}))"
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|(.))")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}
_ALIASES: Final = {"−": "-", "×": "*", "·": "*", "⋅": "*", "≤": "<=", "≥": ">="}
_OTHER_FUNCTIONS: Final = {"ln": "log"}
_SHOWN: Final = 60
"""Characters shown on either side of a mistake."""


def parse(text: str, constants: Iterable[str] = ()) -> Expression:
    """Return the expression that `text` stands for.

    Names listed in `constants` are fitted constants; every other plain or quoted
    name is a variable.

    Raises
    ------
    FormulaError
        If the text is not of the grammar; a mark shows where.

    Examples
    --------
    >>> from hecsr.formula.printers.text import to_text
    >>> to_text(parse("c0 + c1 × ln(`load / N`)^0.5", ["c0", "c1"]))
    'c0 + c1 * log(`load / N`)^(1/2)'
    """
    if not isinstance(text, str):
        raise FormulaError(f"a formula is text, not {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        msg = f"a formula of {len(text)} characters; at most {MAX_LENGTH} are read"
        raise FormulaError(msg)
    parser = _Parser(text, frozenset(constants))
    try:
        expression = parser.whole()
    except RecursionError:
        # only where the caller's own stack is nearly full
        raise FormulaError("too deeply nested to be read from here") from None
    parser.expect_end()
    height = _height(expression)
    if height > MAX_HEIGHT:
        # what walks along the tree must not exhaust the stack
        msg = f"{height} operators act on one another; at most {MAX_HEIGHT} may"
        raise FormulaError(msg)
    return expression


def _height(expression: Expression) -> int:
    """Return the number of nodes from the root to the deepest leaf."""
    level, height = [expression], 0
    while level:
        level = [child for node in level for child in node.children]
        height += 1
    return height


class _Parser:
    def __init__(self, text: str, constants: frozenset[str]) -> None:
        self.text = text
        self.constants = constants
        self.position = 0
        self.depth = 0
        self.operators = 0

    def error(self, reason: str, position: int | None = None) -> FormulaError:
        """Return an error with the text around a place, and a mark below it."""
        at = self.position if position is None else position
        first, last = max(0, at - _SHOWN), at + _SHOWN
        lead = "…" if first else ""
        tail = "…" if last < len(self.text) else ""
        # one column for each character, whatever a terminal would make of it
        part = "".join(c if c.isprintable() else " " for c in self.text[first:last])
        mark = " " * (len(lead) + at - first)
        return FormulaError(f"{reason}\n  {lead}{part}{tail}\n  {mark}^")

    def token(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.position)

    def rest(self) -> int:
        """Return where the next thing that is not blank stands."""
        blanks = _BLANKS.match(self.text, self.position)
        return self.position if blanks is None else blanks.end()

    def mark(self, allowed: Container[str]) -> str | None:
        """Consume one of the marks in `allowed` if it comes next."""
        match = self.token()
        if match is None or match["mark"] is None:
            return None
        found = _ALIASES.get(match["mark"], match["mark"])
        if found not in allowed:
            return None
        self.position = match.end()
        return found

    def expect_end(self) -> None:
        at = self.rest()
        if at < len(self.text):
            raise self.error(instead_of_operator(self.text, at), at)

    def count(self) -> None:
        self.operators += 1
        if self.operators > MAX_NODES:
            raise self.error(f"more than {MAX_NODES} operators")

    def deeper(self, by: int = 1) -> None:
        self.depth += by
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} deep")

    def whole(self) -> Expression:
        left = self.sum()
        operator = self.mark(COMPARISONS)
        if operator is None:
            return left
        self.count()
        node = Comparison(operator, left, self.sum())
        at = self.rest()
        if self.mark(COMPARISONS):
            reason = "one comparison at a time; (x < y) * (y < z) asks for both"
            raise self.error(reason, at)
        return node

    def sum(self) -> Expression:
        node = self.product()
        while operator := self.mark("+-"):
            self.count()
            node = Binary(operator, node, self.product())
        return node

    def product(self) -> Expression:
        node = self.sign()
        while operator := self.mark("*/"):
            self.count()
            node = Binary(operator, node, self.sign())
        return node

    def sign(self) -> Expression:
        signs = 0
        while self.mark("-"):
            self.deeper()
            signs += 1
        match = self.token() if signs else None
        if match is None or match["number"] is None:
            node = self.raised(self.atom())
        else:
            # a minus right before a number belongs to the number
            self.position = match.end()
            value = self.number(match["number"], match.start("number"))
            node = self.raised(Number(value))
            if isinstance(node, Number):
                node, signs = Number(-value), signs - 1
                self.depth -= 1
        for _ in range(signs):
            node = Negative(node)
        self.depth -= signs
        return node

    def number(self, text: str, at: int) -> float:
        value = float(text)
        if value == float("inf"):
            raise self.error("this number is too large", at)
        if value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
            raise self.error("this number is too small to be told from 0", at)
        return value

    def raised(self, base: Expression) -> Expression:
        if not self.mark("^"):
            return base
        at = self.rest()
        fixed = self.fixed_exponent()
        if fixed is None:
            exponent = self.atom()
            if not isinstance(exponent, Number):
                self.count()
                return Binary("^", base, exponent)
            fixed = exact(exponent.value)
        if abs(fixed) > MAX_EXPONENT:
            raise self.error(f"an exponent beyond ±{MAX_EXPONENT}", at)
        return Power(base, fixed)

    def fixed_exponent(self) -> Fraction | None:
        """Consume an exponent that is a number or a ratio of two, if one comes next."""
        ratio = _RATIO.match(self.text, self.position)
        if ratio is not None:
            below = int(ratio["below"] or 1)
            if below == 0:
                raise self.error("an exponent cannot have the denominator 0")
            self.position = ratio.end()
            return Fraction(int(ratio["above"].replace("−", "-")), below)
        decimal = _DECIMAL.match(self.text, self.position)
        if decimal is None:
            return None
        kind = "bare" if decimal["within"] is None else "within"
        written = decimal[kind].replace("−", "-")
        value = self.number(written.lstrip("-"), decimal.start(kind))
        self.position = decimal.end()
        return exact(value) * (-1 if written.startswith("-") else 1)

    def atom(self) -> Expression:
        match = self.token()
        if match is None or (match["mark"] is not None and match["mark"] != "("):
            at = self.rest()
            raise self.error(instead_of_operand(self.text, at), at)
        self.position = match.end()
        if match["number"] is not None:
            return Number(self.number(match["number"], match.start("number")))
        if match["quoted"] is not None:
            return Variable(self.quoted(match["quoted"], match.start("quoted")))
        if match["name"] is not None:
            return self.named(match["name"], match.start("name"))
        return self.bracketed()

    def quoted(self, written: str, at: int) -> str:
        """Return the name that stands between backticks."""
        if not written:
            raise self.error("a name cannot be empty", at)
        for i, character in enumerate(written):
            if (reason := bad_character(character)) is not None:
                raise self.error(reason, at + i)

        def meant(escape: re.Match[str]) -> str:
            if escape[1] is None:
                return _ESCAPED.get(escape[2], escape[2])
            point = int(escape[1], 16)
            if point > 0x10FFFF:
                reason = f"there is no character U+{escape[1].upper()}"
                raise self.error(reason, at + escape.start())
            return chr(point)

        return _ESCAPE.sub(meant, written)

    def named(self, name: str, at: int) -> Expression:
        function = _OTHER_FUNCTIONS.get(name, name)
        if self.mark("("):
            if function not in FUNCTIONS:
                raise self.error(unknown_function(name, FUNCTIONS), at)
            return Call(function, self.bracketed())
        if name in FUNCTIONS:
            reason = (
                f"the function '{name}' needs brackets; a variable of this name "
                "stands in backticks"
            )
            raise self.error(reason, at)
        return Constant(name) if name in self.constants else Variable(name)

    def bracketed(self) -> Expression:
        opened = self.position - 1
        self.deeper()
        node = self.whole()
        if not self.mark(")"):
            at = self.rest()
            if at < len(self.text):
                raise self.error(instead_of_operator(self.text, at), at)
            raise self.error("this bracket is not closed", opened)
        self.depth -= 1
        return node


def exact(value: float) -> Fraction:
    """Return the decimal number that a float is written as: 0.1 is 1/10."""
    return Fraction(repr(float(value)))
