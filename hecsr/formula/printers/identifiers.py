"""Names of columns as identifiers of a programming language, and as safe comments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

from hecsr.errors import FormulaError

# MATLAB reads 63 characters; a function's guards add a suffix to its name
MAX_LENGTH: Final = 40
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)")
_LEGAL = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{MAX_LENGTH - 1}}}")


def identifiers(names: Iterable[str], reserved: Collection[str]) -> dict[str, str]:
    """Return an ASCII identifier for each name, unique and none of `reserved`.

    Accents are dropped, Greek letters spelled out (``χ_P`` is ``chi_P``), ``%`` is
    ``percent`` and whatever else is no letter or digit an underscore.
    """
    taken = set(reserved)
    found: dict[str, str] = {}
    for name in names:
        stem = _stem(name)
        free = stem
        count = 1
        while free in taken:
            count += 1
            # a reserved word is no second of its name: lambda_, then lambda_2
            free = f"{stem}_" if count == 2 and stem in reserved else f"{stem}_{count}"
        taken.add(free)
        found[name] = free
    return found


def function_name(given: str | None, target: str, reserved: Collection[str]) -> str:
    """Return `given`, or the identifier of the target's name if none is given.

    Raises
    ------
    FormulaError
        If `given` is not an identifier of every language, or a reserved word.
    """
    if given is None:
        return identifiers([target], reserved)[target]
    if not _LEGAL.fullmatch(given) or given in reserved:
        msg = (
            f"'{given}' cannot name a function; allowed: up to {MAX_LENGTH} letters, "
            "digits and underscores that begin with a letter and are no word of the "
            f"language, such as '{identifiers([given], reserved)[given]}'"
        )
        raise FormulaError(msg)
    return given


def comment(text: str) -> str:
    """Return `text` on one line of printable characters, fit for a comment.

    Line breaks, control characters and those that turn the direction of writing
    are escaped: in a comment they could hide code or begin a line of it.
    """
    shown = "".join(c if _printable(c) else _escaped(c) for c in text)
    # neither the end of a block comment nor the beginning of one
    return shown.replace("*/", "* /").replace("/*", "/ *")


def _stem(name: str) -> str:
    text = "".join(_spelled(c) for c in unicodedata.normalize("NFKD", name))
    text = re.sub("_+", "_", text).strip("_")[:MAX_LENGTH].rstrip("_") or "x"
    return text if text[0].isalpha() else f"x_{text}"[:MAX_LENGTH]


def _spelled(character: str) -> str:
    if character.isascii():
        special = {"%": "_percent", "'": ""}
        legal = character.isalnum()
        return character if legal else special.get(character, "_")
    if (
        unicodedata.combining(character)
        or character == "\N{RIGHT SINGLE QUOTATION MARK}"
    ):
        return ""
    greek = _GREEK.match(unicodedata.name(character, ""))
    if greek is None:
        return "_"
    size, letter = greek.groups()
    return letter.lower() if size == "SMALL" else letter.capitalize()


def _printable(character: str) -> bool:
    # C*: control, format, surrogate, private, unassigned; Z*: separators
    category = unicodedata.category(character)
    return character == " " or category[0] not in "CZ"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
