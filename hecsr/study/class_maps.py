"""Where the two classes lie in the features of the formulas that are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.formula.expression import Binary, Constant, Expression, constants, evaluate
from hecsr.result import ClassMap
from hecsr.validation.decision import called_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hecsr.formula.formula import Formula
    from hecsr.result import FormulaResult
    from hecsr.validation.decision import Decision
    from hecsr.validation.problem import Problem

# A plane shows so many terms, and hulls are compared in so many.
_MOST = 2
_HULLS = 3


def class_maps(
    formulas: Sequence[FormulaResult], problem: Problem, decision: Decision
) -> tuple[ClassMap, ...]:
    """Return a map for each chosen formula of two classes that has a variable."""
    from hecsr.search.overlap import overlap

    if problem.task != "classification":
        return ()
    threshold = called_from(decision, float(problem.y.mean()))
    single = problem.y == 1
    found = []
    for one in formulas:
        formula = one.formula
        if not one.chosen or not formula.names:
            continue
        features = bare_terms(formula)
        columns = {n: problem.frame[n].to_numpy() for n in formula.names}
        values = _values(features, formula, columns)
        shared = overlap(values, single)
        terms = sum_terms(formula)
        terms = terms if _MOST < len(terms) <= _HULLS else ()
        in_terms = (
            overlap(_values(terms, formula, columns), single) if terms else shared
        )
        found.append(
            ClassMap(
                one.engine, features, values, single, shared.samples, shared.size,
                threshold, tuple(problem.samples), terms, in_terms.samples,
                in_terms.size,
            )
        )  # fmt: skip
    return tuple(found)


def bare_terms(formula: Formula) -> tuple[Expression, ...]:
    """Return the terms without coefficients, or the whole argument of the link."""
    found = sum_terms(formula)
    return found if 0 < len(found) <= _MOST else (formula.linear_predictor,)


def sum_terms(formula: Formula) -> tuple[Expression, ...]:
    """Return the terms without coefficients; nothing where one has a number inside."""
    found = []
    for term in formula.terms:
        match term:
            case Binary("*", Constant(), feature) if not constants(feature):
                found.append(feature)
            case _:
                return ()
    return tuple(found)


def _values(
    features: Sequence[Expression],
    formula: Formula,
    columns: Mapping[str, NDArray[np.float64]],
) -> NDArray[np.float64]:
    return np.column_stack([evaluate(f, columns, formula.constants) for f in features])
