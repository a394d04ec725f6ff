"""What people write instead of the grammar, and what to tell them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from hecsr.errors import suggestion

_EITHER: Final = (
    (r"['\"’‘“”´]", "a name with such characters stands between backticks: `x 1`"),
    (r"[\[\]{}]", "only round brackets are used"),
    (r"[\u2010-\u2015]", "this is a dash; minus is written -"),
    (r"[÷∕⁄]", "division is written /"),
    (r"[∗∙•]", "a product is written with *"),
    (r"[≠≈]|!=|=!", "only < <= > >= compare"),
    (r"=<|=>", "write <= or >="),
    (r"=", "nothing is set equal here: give the right-hand side; < <= > >= compare"),
    (r"%", "a name with % stands between backticks: `x %`"),
    (r"[²³¹⁰⁴-⁹⁻]", "a power is written with ^: x^2"),
    (r"√", "a square root is written sqrt(x)"),
    (r"∛", "a cube root is written cbrt(x)"),
)
# What may stand where an operator is expected.
_AFTER: Final = (
    (r"&|∧|(?:and|AND)\b", "of two comparisons both: (x > 1) * (y < 2)"),
    (r"\||∨|(?:or|OR)\b", "of two comparisons a and b either: a + b - a * b"),
    (r"(?:if|else|for|in|is)\b", "there are no such words; (x > 1) is 1 or 0"),
    (r"\^", "brackets say which power comes first: (x^y)^z or x^(y^z)"),
    (r"\.", "a name with a point stands between backticks: `x.1`"),
    (r"\)", "this bracket was never opened"),
    (r"`", "a product is written with *; a name between backticks ends with one"),
)
_BEFORE: Final = (
    (r"`", "this name has no second backtick, or a backslash in it that is not \\\\"),
    (r"&|\|", "there are no such operators; (x > 1) * (y < 2) asks for both"),
    (r"!|~", "of a comparison the contrary: 1 - (x > 1)"),
)
_GREEK: Final = "GREEK"
_MEANT: Final = {
    "arctan": "atan",
    "lg": "log10",
    "sigmoid": "logistic",
    "expit": "logistic",
    "fabs": "abs",
}


def instead_of_operator(text: str, at: int) -> str:
    """Say what is wrong where an operator or the end was expected."""
    rest = text[at:]
    before = text[:at].rstrip()[-1:]
    if rest.startswith(","):
        if before.isdigit() and re.match(r",\s*[0-9]", rest):
            return "the decimal mark is a point: 2.5"
        return "every function takes one value; nothing is listed"
    found = _first(rest, _AFTER + _EITHER)
    if found is not None:
        return found
    if re.match(r"[A-Za-z_0-9(]", rest) or _GREEK in unicodedata.name(rest[0], ""):
        return "an operator is missing here; a product is written with *"
    return f"this cannot follow here{_described(rest[0])}{_backticks(rest[0])}"


def instead_of_operand(text: str, at: int) -> str:
    """Say what is wrong where a number, a name or a bracket was expected."""
    rest = text[at:]
    before = text[:at].rstrip()[-1:]
    expected = "a number, a name or a bracket is expected here"
    if not text.strip():
        return "the formula is empty"
    if not rest:
        return expected
    if rest[0] in "*×·⋅" and before in ("*", "×"):
        return "a power is written with ^: x^2"
    if rest[0] in "-−" and before == "^":
        return "this exponent needs brackets: 2^(-x)"
    if rest[0] == ">" and before == "<":
        return "only < <= > >= compare"
    if rest[0] == "+":
        return "a number has no leading +"
    found = _first(rest, _BEFORE + _EITHER)
    if found is not None:
        return found
    if rest[0].isascii() and rest[0].isprintable():
        return expected
    return f"{expected}{_described(rest[0])}{_backticks(rest[0])}"


def unknown_function(name: str, functions: Iterable[str]) -> str:
    """Say which function may be meant."""
    hint = f"did you mean '{_MEANT[name]}'?" if name in _MEANT else ""
    if name in ("pow", "power"):
        hint = "a power is written with ^: x^2"
    return (
        f"unknown function '{name}'; {hint or suggestion(name, functions)}"
        f" (a product is written {name} * (...))"
    )


def bad_character(character: str) -> str | None:
    """Say why a character cannot stand as such between backticks; None if it can."""
    if character in "\n\t\r" or unicodedata.category(character) not in HIDDEN:
        return None
    return (
        f"an invisible character{_described(character)} in a name; if it is meant, "
        f"write \\u{{{ord(character):x}}}"
    )


HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that are not seen, or turn a text around."""


def _first(rest: str, table: Iterable[tuple[str, str]]) -> str | None:
    return next((said for form, said in table if re.match(form, rest)), None)


def _backticks(character: str) -> str:
    return "; a name with it stands between backticks" if character.isalnum() else ""


def _described(character: str) -> str:
    """Name a character that may look like another one."""
    if character.isascii() and character.isprintable():
        return ""
    name = unicodedata.name(character, "")
    return f" (U+{ord(character):04X}{' ' + name if name else ''})"
