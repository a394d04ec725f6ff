"""Whether two formulas are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import FormulaError
from hecsr.formula.analysis.keys import key
from hecsr.formula.analysis.merge import merge_constants
from hecsr.formula.analysis.points import Range, random_points, ranges_of
from hecsr.formula.analysis.proof import proved_equal
from hecsr.formula.analysis.signs import POSITIVE, Known
from hecsr.formula.analysis.simplify import simplify
from hecsr.formula.analysis.sums import summands, without_coefficient
from hecsr.formula.expression import (
    Array,
    Call,
    Constant,
    Expression,
    Number,
    constants,
    evaluate,
    substituted,
    variables,
)
from hecsr.formula.formula import Formula

Verdict = Literal[
    "equal", "equal on points", "equal up to coefficients", "different", "undecided"
]
_CLOSE: Final = 1e-9
_DEPENDENT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Equivalence:
    """What is known of the equality of two formulas.

    Attributes
    ----------
    verdict
        'equal': proved, wherever both are defined; 'equal on points': no difference
        was found; 'equal up to coefficients': a fit to the same data would make them
        so; 'different'; 'undecided': they are nowhere defined together.
    how
        What decided: 'structure', 'algebra' or 'points'.
    points
        At how many random points both were defined and compared.
    difference
        The largest difference found there, relative to the values or to their
        median where that is larger; NaN without points.
    same_domain
        Whether at every random point both or neither were defined.
    witness, values
        Where the difference is largest, and both values there; for a verdict other
        than 'different' empty, but for a point where only one is defined (NaN marks
        the other).
    """

    verdict: Verdict
    how: Literal["structure", "algebra", "points"]
    points: int
    difference: float
    same_domain: bool
    witness: Mapping[str, float]
    values: tuple[float, float] | None

    @property
    def equal(self) -> bool:
        """Whether the values are equal as far as is known."""
        return self.verdict in {"equal", "equal on points"}


def equivalence(
    a: Formula | Expression,
    b: Formula | Expression,
    *,
    ranges: Mapping[str, Range] | None = None,
    descriptors: Iterable[Descriptor] = (),
    points: int = 1000,
) -> Equivalence:
    """Compare two formulas: by their structure, at random points, by algebra.

    Parameters
    ----------
    a, b
        Formulas with their coefficients, or expressions without fitted constants.
    ranges
        Where points are drawn, for each variable; without, the hull of the ranges
        that the formulas were fitted to, or else what the descriptors allow.
    descriptors
        Bounds of the variables, added to those of the formulas.
    points
        How many random points are drawn; they are the same at every call.

    Raises
    ------
    FormulaError
        If an expression has constants without values.
    """
    formulas = [f for f in (a, b) if isinstance(f, Formula)]
    described = (*(d for f in formulas for d in f.variables), *descriptors)
    known = Known.of(described)
    written = _valued(a), _valued(b)
    left, right = (simplify(f, described) for f in written)
    names = dict.fromkeys((*variables(left), *variables(right)))
    given = [ranges or {}] if ranges else [f.ranges for f in formulas]
    columns = random_points(ranges_of(names, given, described), points)
    compared = _at_points(left, right, columns, points)
    if key(left, known) == key(right, known):
        return _with(compared, "equal", "structure")
    if compared.verdict == "different":
        if _same_family(a, b, known) or _same_span(left, right, columns, points):
            return _with(compared, "equal up to coefficients", "structure")
        return compared
    positive = {n for n in names if known.signs.get(n) == POSITIVE}
    # as written, since 0.1 + 0.2 is not quite 0.3 once added up
    if proved_equal(*written, positive) or proved_equal(left, right, positive):
        return _with(compared, "equal", "algebra")
    return compared


def _with(
    compared: Equivalence,
    verdict: Verdict,
    how: Literal["structure", "algebra", "points"],
) -> Equivalence:
    """Change the verdict; a difference of values is no witness against it."""
    kept = not compared.same_domain and compared.verdict != "different"
    return Equivalence(
        verdict,
        how,
        compared.points,
        compared.difference,
        compared.same_domain,
        compared.witness if kept else {},
        compared.values if kept else None,
    )


def _valued(formula: Formula | Expression) -> Expression:
    """Return the expression with numbers for its constants."""
    if isinstance(formula, Formula):
        numbers: dict[Expression, Expression] = {
            Constant(n): Number(v) for n, v in formula.constants.items()
        }
        return substituted(formula.expression, numbers)
    if names := constants(formula):
        msg = (
            f"the constant '{names[0]}' has no value; compare formulas, which hold "
            "the values of their coefficients, or put numbers in"
        )
        raise FormulaError(msg)
    return formula


def _at_points(
    left: Expression, right: Expression, columns: Mapping[str, Array], count: int
) -> Equivalence:
    a = np.broadcast_to(evaluate(left, columns), (count,))
    b = np.broadcast_to(evaluate(right, columns), (count,))
    only_one = np.isnan(a) != np.isnan(b)
    both = np.isfinite(a) & np.isfinite(b)
    same_domain = not only_one.any()

    def at(i: int) -> tuple[dict[str, float], tuple[float, float]]:
        point = {name: float(column[i]) for name, column in columns.items()}
        return point, (float(a[i]), float(b[i]))

    witness, values = at(int(np.argmax(only_one))) if not same_domain else ({}, None)
    verdict: Verdict = "undecided"
    largest = np.nan
    if both.any():
        size = np.maximum(np.abs(a), np.abs(b))
        floor = max(float(np.median(size[both])), np.finfo(float).tiny)
        apart = np.abs(a - b) / np.maximum(size, floor)
        largest = float(apart[both].max())
        verdict = "equal on points"
        if largest > _CLOSE:
            verdict = "different"
            witness, values = at(int(np.argmax(np.where(both, apart, -1.0))))
    elif not same_domain:
        verdict = "different"
    how: Literal["points"] = "points"
    return Equivalence(
        verdict, how, int(both.sum()), largest, same_domain, witness, values
    )


def _inside(expression: Expression) -> tuple[bool, Expression]:
    """Return whether there is a logistic link, and the linear predictor."""
    match expression:
        case Call("logistic", inner):
            return True, inner
    return False, expression


def _same_span(
    left: Expression, right: Expression, columns: Mapping[str, Array], count: int
) -> bool:
    """Whether the terms of both span the same functions, at the points."""
    (link, left), (other, right) = _inside(left), _inside(right)
    if link != other:
        return False
    a, b = _terms_at(left, columns, count), _terms_at(right, columns, count)
    whole = np.isfinite(np.hstack([a, b])).all(axis=1)
    if whole.sum() < 2 * (a.shape[1] + b.shape[1]):
        return False
    a, b = a[whole], b[whole]
    ranks = {_rank(a), _rank(b), _rank(np.hstack([a, b]))}
    return len(ranks) == 1


def _terms_at(
    expression: Expression, columns: Mapping[str, Array], count: int
) -> Array:
    """Return the value of each term without its coefficient, 1 for an intercept."""
    parts = [term for _, term in summands(expression)]
    bare = {without_coefficient(t) if variables(t) else Number(1.0) for t in parts}
    found = [np.broadcast_to(evaluate(t, columns), (count,)) for t in bare]
    return np.column_stack(found)


def _rank(columns: Array) -> int:
    size = np.sqrt((columns**2).sum(axis=0))
    good = columns[:, size > 0] / size[size > 0]
    return int(np.linalg.matrix_rank(good, tol=_DEPENDENT)) if good.size else 0


def _same_family(
    a: Formula | Expression, b: Formula | Expression, known: Known
) -> bool:
    """Whether both have the same form but for the values of the constants."""
    if not (isinstance(a, Formula) and isinstance(b, Formula)):
        return False
    return _form_key(a, known) == _form_key(b, known)


def _form_key(formula: Formula, known: Known) -> object:
    form, _ = merge_constants(formula.expression, formula.constants)
    places: dict[Expression, Expression] = {
        Constant(name): Constant(f"c{i}") for i, name in enumerate(constants(form))
    }
    return key(substituted(form, places), known)
