"""Markdown: LaTeX mathematics between dollar signs, and text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hecsr.formula.expression import Expression
from hecsr.formula.printers.latex import to_latex

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|$~&])")
# Renderers that read Markdown before mathematics take a backslash before
# punctuation away, and a bar would end a table's cell.
_SAFE: Final = (
    (r"\,", r"\thinspace "),
    (r"\;", r"\thickspace "),
    (r"\:", r"\medspace "),
    (r"\!", r"\negthinspace "),
    (r"\{", r"\lbrace "),
    (r"\}", r"\rbrace "),
    (r"\|", r"\Vert "),
    ("|", r"\vert "),
    (r"\\", r"\cr "),
)


def escape(text: str) -> str:
    """Return text that Markdown shows as it stands within a line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def mathematics(latex: str) -> str:
    """Return LaTeX between dollar signs that survives a reading as Markdown."""
    for given, safe in _SAFE:
        latex = latex.replace(given, safe)
    return f"${re.sub(' {2,}', ' ', latex).strip()}$"


def to_markdown(
    expression: Expression,
    symbols: Mapping[str, str],
    constants: Mapping[str, float | str],
    digits: int | None = 4,
) -> str:
    """Write an expression as mathematics within a line of Markdown.

    `symbols` are those of LaTeX.
    """
    return mathematics(to_latex(expression, symbols, constants, digits))
