"""Formulas told apart by what they say, not by how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.formula.analysis.shape import shape
from hecsr.formula.analysis.sums import summands, without_coefficient
from hecsr.formula.expression import (
    Call,
    Expression,
    complexity,
    constants,
    evaluate,
    variables,
)
from hecsr.formula.grammar import parse
from hecsr.formula.printers.text import to_text

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    from numpy.typing import NDArray

_SAME: Final = 1e-9
"""Terms are one where they correlate beyond 1 minus this on the rows."""
_SAME_SPAN: Final = 1e-7
"""Relative difference of two projections of one vector that is rounding."""
_QUOTED: Final = re.compile(r"`(?:[^`\\]|\\.)*`")
_CONSTANT: Final = re.compile(r"(?<!\w)c\d+(?!\w)")


def read_formula(text: str, names: Collection[str]) -> Expression:
    """Read a formula whose constants are c0, c1, ... and whose variables are `names`.

    `names` are those of this formula, not of the whole table: a variable that is
    called as a constant is known by them, or by its backticks where both occur.

    Raises
    ------
    FormulaError
        If the text is no formula.
    """
    bare = dict.fromkeys(_CONSTANT.findall(_QUOTED.sub(" ", text)))
    fitted = [n for n in bare if n not in names or f"`{n}`" in text]
    return parse(text, fitted)


@dataclass(frozen=True)
class Term:
    """A term without its coefficient, in the shortest writing that was met."""

    text: str
    variables: tuple[str, ...]
    expression: Expression


@dataclass(frozen=True)
class KnownForm:
    """A formula up to its fitted numbers, in the writing in which it was first met."""

    text: str
    terms: tuple[int, ...]
    variables: tuple[str, ...]


class Forms:
    """The forms and terms met so far, each under one number.

    Two terms are one if they have the same shape
    (:func:`hecsr.formula.analysis.shape.shape`), or if on all rows their values are
    equal up to a factor and an offset: ``x / y`` and ``1 / (y / x)``, ``a - b`` and
    ``b - a``, ``(x + y) / y`` and ``x / y``. Two forms are one if their terms are and
    both have an intercept or none, or if their terms span the same functions on all
    rows: ``{a / d, b / d}`` and ``{(a - b) / d, a / d}``. Terms with fitted numbers
    inside go by their shape alone.

    Parameters
    ----------
    frame
        All rows of the descriptors.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._columns = {str(n): frame[n].to_numpy(dtype=np.float64) for n in frame}
        self._rows = len(frame)
        self._probe = np.random.default_rng(0).standard_normal(self._rows)
        self._term_of: dict[str, int] = {}
        self._values: dict[int, NDArray[np.float64]] = {}
        self._form_of: dict[tuple[frozenset[int], bool], int] = {}
        self._shadows: dict[int, NDArray[np.float64]] = {}
        self.terms: list[Term] = []
        self.forms: list[KnownForm] = []

    def form(self, expression: Expression) -> int:
        """Return the number of a formula, the same for every writing of it."""
        inner = expression
        if isinstance(expression, Call) and expression.function == "logistic":
            inner = expression.operand
        parts = [part for _, part in summands(inner)]
        found = sorted({self.term(part) for part in parts if variables(part)})
        intercept = any(not variables(part) for part in parts)
        key = (frozenset(found), intercept)
        if key not in self._form_of:
            self._form_of[key] = self._new(expression, tuple(found), intercept)
        return self._form_of[key]

    def term(self, part: Expression) -> int:
        """Return the number of a term, whatever numbers stand in front of it."""
        bare = without_coefficient(part)
        text = shape(bare)
        if text not in self._term_of:
            self._term_of[text] = self._same_values(bare)
        number = self._term_of[text]
        known = Term(to_text(bare), variables(bare), bare)
        if number == len(self.terms):
            self.terms.append(known)
        elif complexity(bare) < complexity(self.terms[number].expression):
            self.terms[number] = known
        return number

    def _same_values(self, bare: Expression) -> int:
        """Return the term that has the same values, or the next free number."""
        new = len(self.terms)
        if constants(bare):
            return new
        mine = self._standardised(bare)
        for number, other in self._values.items():
            if (
                abs(float(np.nan_to_num(mine) @ np.nan_to_num(other))) > 1 - _SAME
                and (np.isnan(mine) == np.isnan(other)).all()
            ):
                return number
        self._values[new] = mine
        return new

    def _standardised(self, bare: Expression) -> NDArray[np.float64]:
        """Return the values with mean 0 and length 1; NaN where undefined."""
        values = np.broadcast_to(evaluate(bare, self._columns), (self._rows,))
        there = np.isfinite(values)
        found = np.full(self._rows, np.nan)
        if there.any():
            # by a power of two near the largest first: squares stay finite
            top = np.ldexp(1.0, int(np.frexp(np.abs(values[there]).max())[1]) - 1)
            centred = values[there] / top - (values[there] / top).mean()
            length = float(np.sqrt(centred @ centred))
            found[there] = centred / length if length > 0 else 0.0
        return found

    def _new(
        self, expression: Expression, terms: tuple[int, ...], intercept: bool
    ) -> int:
        shadow = self._shadow(terms) if intercept else None
        if shadow is not None:
            for number, other in self._shadows.items():
                if len(self.forms[number].terms) != len(terms):
                    continue
                apart = float(np.abs(shadow - other).max())
                if apart < _SAME_SPAN * float(np.abs(shadow).max()):
                    return number
        number = len(self.forms)
        self.forms.append(KnownForm(to_text(expression), terms, variables(expression)))
        if shadow is not None:
            self._shadows[number] = shadow
        return number

    def _shadow(self, terms: tuple[int, ...]) -> NDArray[np.float64] | None:
        """Project one random vector on what the terms span.

        Equal spans give equal projections, others almost surely not. None for single
        terms, terms with fitted numbers inside, undefined or nearly dependent ones.
        """
        if len(terms) < 2 or any(t not in self._values for t in terms):
            return None
        columns = np.column_stack([self._values[t] for t in terms])
        if not np.isfinite(columns).all():
            return None
        q, r = np.linalg.qr(columns)
        size = np.abs(np.diag(r))
        if size.min() < 1e-6 * size.max():
            return None
        return np.asarray(q @ (q.T @ self._probe))
