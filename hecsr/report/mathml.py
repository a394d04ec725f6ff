r"""MathML of the LaTeX that symbols, equations and formulas are written in.

Browsers typeset MathML themselves, so a page needs neither scripts nor fonts from
elsewhere. What is not known is shown as text: a page is never without its formula.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from hecsr.report.mathml_symbols import (
    BIG,
    DELIMITERS,
    FUNCTIONS,
    IDENTIFIERS,
    LIMITS,
    OPERATORS,
    PUNCTUATION,
    SPACES,
)

_PIECE = re.compile(r"\\[A-Za-z]+\s*|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_UPRIGHT: Final = ("mathrm", "operatorname", "text", "textrm", "mathup")
_BOLD: Final = ("mathbf", "boldsymbol", "textbf")
_AS_IT_IS: Final = ("mathit", "mathnormal", "mathsf", "mathtt", "mathcal")
_FRACTIONS: Final = ("frac", "dfrac", "tfrac")
_ACCENTS: Final = {
    "hat": "^",
    "widehat": "^",
    "tilde": "~",
    "widetilde": "~",
    "vec": "→",
    "dot": "˙",
    "ddot": "¨",
}
_IN_WORDS: Final = {"\\ ": " ", "\\,": " ", **{f"\\{c}": c for c in "_%#$&"}}
_DEEPEST: Final = 40
# What XML knows no way to write.
_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _UnreadableError(Exception):
    """The LaTeX is cut off or its braces do not match."""


def to_mathml(latex: str, *, display: bool = False, continues: bool = False) -> str:
    """Return a ``<math>`` element.

    Parameters
    ----------
    latex
        Mathematics without dollar signs.
    display
        Set fractions and sums in full size; the element stays within the line.
    continues
        A sign at the start joins two terms: the first stands before this one.
    """
    reader = _Reader(latex, continues=continues)
    style = ' displaystyle="true"' if display else ""
    return f"<math{style}>{reader.whole()}</math>"


def not_known(latex: str) -> tuple[str, ...]:
    """Return the commands shown as text; all of the LaTeX if it cannot be read."""
    reader = _Reader(latex)
    reader.whole()
    return tuple(reader.unknown)


class _Reader:
    def __init__(self, latex: str, *, continues: bool = False) -> None:
        self.latex = _UNWRITABLE.sub("\ufffd", latex)
        self.pieces = [_tidied(t) for t in _PIECE.findall(self.latex)]
        self.at = 0
        self.depth = 0
        self.upright = False
        self.joins = continues
        self.unknown: list[str] = []

    def whole(self) -> str:
        try:
            return self.row(())
        except _UnreadableError:
            self.unknown = [self.latex]
            return f"<mtext>{escape(self.latex)}</mtext>"

    def peek(self) -> str:
        while self.at < len(self.pieces) and self.pieces[self.at].isspace():
            self.at += 1
        return self.pieces[self.at] if self.at < len(self.pieces) else ""

    def take(self) -> str:
        piece = self.peek()
        if not piece:
            raise _UnreadableError
        self.at += 1
        return piece

    def row(self, ends: tuple[str, ...]) -> str:
        """Read up to one of the pieces, or to the end, as one element."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _UnreadableError
        found = []
        while (piece := self.peek()) and piece not in ends:
            if piece in ("}", "\\right"):
                raise _UnreadableError
            found.append(self.scripted())
        if ends and not piece:
            raise _UnreadableError
        self.depth -= 1
        return found[0] if len(found) == 1 else f"<mrow>{''.join(found)}</mrow>"

    def argument(self) -> str:
        """Read a group in braces, or the one element that stands for it."""
        if self.peek() == "{":
            self.take()
            found = self.row(("}",))
            self.take()
            return found
        return self.atom()

    def scripted(self) -> str:
        """Read an element with what is raised and lowered beside it."""
        below = above = ""
        name = self.peek()
        base = "<mrow></mrow>" if name in ("_", "^") else self.atom()
        while (mark := self.peek()) in ("_", "^", "'"):
            self.take()
            if mark == "_" and not below:
                below = self.argument()
            elif mark == "^" and not above:
                above = self.argument()
            elif mark == "'" and not above:
                above = "<mo>′</mo>"
            else:
                raise _UnreadableError
        over = name[1:] in BIG or name[1:] in LIMITS
        written = _attached(base, below, above, over=over)
        if name[1:] in FUNCTIONS or name[1:] in LIMITS:
            written += self.applied()
        return written

    def applied(self) -> str:
        """Return the gap between a function's name and what it is taken of."""
        bracketed = self.peek() in ("(", "[", "\\left", "", "}")
        gap = "" if bracketed else '<mspace width="0.167em"/>'
        return f"<mo>\u2061</mo>{gap}"

    def atom(self) -> str:
        piece = self.take()
        joins, self.joins = self.joins, False
        if piece == "{":
            self.at -= 1
            return self.argument()
        if piece[0] == "\\":
            return self.command(piece[1:])
        if piece[0].isdigit():
            return f"<mn>{piece}</mn>"
        if piece.isalpha():
            return _letter(piece, upright=self.upright)
        if piece == "~":
            return SPACES[" "]
        if piece in "+-":
            form = ' form="infix"' if joins else ""
            return f"<mo{form}>{'−' if piece == '-' else piece}</mo>"
        if piece in "()[]|":
            return _bare(piece)
        if piece in "_^}&#$%":
            raise _UnreadableError
        return f"<mo>{escape(PUNCTUATION.get(piece, piece))}</mo>"

    def command(self, name: str) -> str:
        if not name:
            raise _UnreadableError
        if name in SPACES:
            return SPACES[name]
        if name in IDENTIFIERS:
            letter = IDENTIFIERS[name]
            # capital Greek letters stand upright in LaTeX
            upright = self.upright or letter.isupper() or not letter.isalpha()
            return _letter(letter, upright=upright)
        if name in OPERATORS or name in BIG:
            return f"<mo>{escape((OPERATORS | BIG)[name])}</mo>"
        if name in FUNCTIONS:
            return f"<mi>{name}</mi>"
        if name in LIMITS:
            return f'<mo movablelimits="true" lspace="0" rspace="0">{name}</mo>'
        if name in DELIMITERS:
            return _bare(DELIMITERS[name])
        return self.composed(name)

    def composed(self, name: str) -> str:
        """Read a command that takes arguments."""
        if name in _FRACTIONS:
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if name == "sqrt":
            return self.root()
        if name in ("overline", "bar", "underline"):
            under = name == "underline"
            mark = "munder" if under else "mover"
            line = "_" if under else "‾"
            body = f"<mrow>{self.argument()}</mrow><mo>{line}</mo>"
            return f'<{mark} class="{"below" if under else "bar"}">{body}</{mark}>'
        if name in _ACCENTS:
            mark = f'<mo stretchy="false">{_ACCENTS[name]}</mo>'
            return f'<mover accent="true">{self.argument()}{mark}</mover>'
        if name in _UPRIGHT:
            return self.word()
        if name in _BOLD:
            return f'<mstyle class="bold">{self.word()}</mstyle>'
        if name in _AS_IT_IS:
            return self.argument()
        if name == "left":
            return self.fenced()
        if name in ("right", "begin", "end"):
            raise _UnreadableError
        self.unknown.append(f"\\{name}")
        return f"<mtext>{escape(name)}</mtext>"

    def root(self) -> str:
        if self.peek() != "[":
            return f"<msqrt>{self.argument()}</msqrt>"
        self.take()
        degree = self.row(("]",))
        self.take()
        return f"<mroot>{self.argument()}{degree}</mroot>"

    def fenced(self) -> str:
        opening = self.delimiter("prefix")
        inner = self.row(("\\right",))
        self.take()
        return f"<mrow>{opening}{inner}{self.delimiter('postfix')}</mrow>"

    def delimiter(self, form: str) -> str:
        piece = self.take()
        mark = DELIMITERS.get(piece[1:], "") if piece[0] == "\\" else piece
        if mark == ".":
            return ""
        if mark not in set(DELIMITERS.values()) | set("()[]|/<>"):
            raise _UnreadableError
        shown = {"<": "⟨", ">": "⟩"}.get(mark, mark)
        return f'<mo form="{form}" fence="true" stretchy="true">{shown}</mo>'

    def word(self) -> str:
        """Read upright letters; what is more than a word is read as mathematics."""
        start = self.at
        letters = self.letters()
        if letters is None:
            self.at = start
            outer, self.upright = self.upright, True
            found = self.argument()
            self.upright = outer
            return found
        shown = escape(letters.replace(" ", "\u00a0"))
        if len(letters) == 1 and letters.isalpha():
            return f'<mi mathvariant="normal">{shown}</mi>'
        mark = "mi" if letters.isalpha() else "mtext"
        return f"<{mark}>{shown}</{mark}>"

    def letters(self) -> str | None:
        """Read a group that holds nothing but letters, digits, marks and blanks."""
        if self.peek() != "{":
            return None
        self.take()
        found = ""
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece == "}":
                return found or None
            if piece[0] == "\\":
                if piece not in _IN_WORDS:
                    return None
                found += _IN_WORDS[piece]
            elif piece.isspace():
                # blanks count in \text only, where they are as readable
                found += " " if found else ""
            elif piece in "{_^$&#~":
                return None
            else:
                found += piece
        raise _UnreadableError


def _tidied(piece: str) -> str:
    """Return a piece without the blanks that only end a command's name."""
    if piece[0] != "\\" or len(piece) == 1:
        return piece
    return piece.rstrip() if piece[1].isalpha() else f"\\{piece[1]}".replace("\n", " ")


def _letter(letter: str, *, upright: bool) -> str:
    style = ' mathvariant="normal"' if upright else ""
    return f"<mi{style}>{letter}</mi>"


def _bare(mark: str) -> str:
    if mark in "|‖":
        return f'<mo stretchy="false" lspace="0" rspace="0">{mark}</mo>'
    return f'<mo stretchy="false">{mark}</mo>'


def _attached(base: str, below: str, above: str, *, over: bool) -> str:
    if not below and not above:
        return base
    if below and above:
        mark = "munderover" if over else "msubsup"
    elif below:
        mark = "munder" if over else "msub"
    else:
        mark = "mover" if over else "msup"
    return f"<{mark}>{base}{below}{above}</{mark}>"
