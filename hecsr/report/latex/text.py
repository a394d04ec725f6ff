"""Text, mathematics and labels of a report in LaTeX."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from hecsr.formula.printers import latex
from hecsr.report.model import Bold, Code, Italic, Link, Math, Ref, Rich, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from hecsr.report.view import View

_SYMBOLS: Final = {
    "→": r"$\rightarrow$",
    "∞": r"$\infty$",
    "≈": r"$\approx$",
    "≠": r"$\neq$",
    "≡": r"$\equiv$",
    "∝": r"$\propto$",
    "∓": r"$\mp$",
    "⋅": r"$\cdot$",
    "√": r"$\surd$",
    "∑": r"$\sum$",
    "∈": r"$\in$",
    "∂": r"$\partial$",
    "′": r"$'$",
    "ϕ": r"$\phi$",
    "∆": r"$\Delta$",
} | {c: f"$_{i}$" for i, c in enumerate("₀₁₂₃₄₅₆₇₈₉")}
# What LaTeX sets of itself beyond Latin letters.
_SET: Final = frozenset("‘’“”„‚–—…•†‡‰‹›€™\u202f\u2009")
_LATIN_ENDS: Final = 0x180
_UNSET: Final = frozenset("ĦħĸĿŀŉŦŧſ")
_RAISED: Final = re.compile("[⁻ᐟ⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOWERED: Final = str.maketrans("⁻ᐟ⁰¹²³⁴⁵⁶⁷⁸⁹", "-/0123456789")
_BREAKS: Final = re.compile(r"((?:\\_|[./,;:=)])+)(?=[^\s}])")
_MATHS: Final = (("Å", r"\text{\AA}"), ("°", r"^\circ "), ("µ", r"\mu "))


def escape(text: str) -> str:
    """Return text that LaTeX prints as it stands, raised digits included.

    A character that pdfLaTeX knows nothing of is written as its plain letters, or
    by its number, so that a table compiles whatever its text is.
    """
    parts, at = [], 0
    for run in _RAISED.finditer(text):
        parts.append(_escaped(text[at : run.start()]))
        parts.append(f"$^{{{run[0].translate(_LOWERED)}}}$")
        at = run.end()
    return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    parts, plain = [], ""
    for c in text:
        if c in _SYMBOLS:
            parts += [latex.escape(plain), _SYMBOLS[c]]
            plain = ""
        else:
            plain += c if _is_set(c) else _spelled(c)
    return "".join([*parts, latex.escape(plain)])


def _is_set(c: str) -> bool:
    latin = ord(c) < _LATIN_ENDS and c not in _UNSET
    return latin or c in _SET or latex.escape(c) != c


def _spelled(c: str) -> str:
    letters = unicodedata.normalize("NFKD", c)
    return letters if letters.isascii() else f"[U+{ord(c):04X}]"


def breakable(text: str) -> str:
    """Escape a text without blanks, such as a DOI, so that a narrow line breaks it."""
    return _BREAKS.sub(r"\1\\allowbreak{}", escape(text))


def mathematics(text: str) -> str:
    """Replace characters that text fonts have and mathematics fonts have not."""
    for given, safe in _MATHS:
        text = text.replace(given, safe)
    return text


def inline(content: Rich, named: Callable[[str], str], *, display: bool = False) -> str:
    """Return a run of text; `named` writes the mention of a label."""
    written = []
    for node in content:
        match node:
            case Text(text):
                written.append(escape(text))
            case Math(given, _):
                style = r"\displaystyle " if display else ""
                written.append(f"${style}{mathematics(given)}$")
            case Bold(text):
                written.append(rf"\textbf{{{escape(text)}}}")
            case Italic(text):
                written.append(rf"\emph{{{escape(text)}}}")
            case Code(text):
                written.append(rf"\texttt{{{breakable(text)}}}")
            case Link(text, _):
                written.append(escape(text) if " " in text else breakable(text))
            case Ref(label):
                written.append(named(label))
    return "".join(written)


def label(*parts: str) -> str:
    r"""Return a name for ``\label``, such as ``carbide-efa-sisso``."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", "-".join(parts)).strip("-")


def equation_label(view: View, number: int) -> str:
    """Return the label of the n-th chosen formula, counted from 1."""
    return f"eq:{label(view.result.name, view.chosen[number - 1].engine)}"
