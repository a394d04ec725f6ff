"""Where the two classes lie in the features of the formulas that are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.formula.expression import Binary, Constant, Expression, constants, evaluate
from hecsr.result import ClassMap
from hecsr.validation.decision import called_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.formula.formula import Formula
    from hecsr.result import FormulaResult
    from hecsr.validation.decision import Decision
    from hecsr.validation.problem import Problem

_MOST = 2


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
        values = np.column_stack(
            [evaluate(f, columns, formula.constants) for f in features]
        )
        shared = overlap(values, single)
        found.append(
            ClassMap(
                one.engine, features, values, single, shared.samples, shared.size,
                threshold, tuple(problem.samples),
            )
        )  # fmt: skip
    return tuple(found)


def bare_terms(formula: Formula) -> tuple[Expression, ...]:
    """Return the terms without coefficients, or the whole argument of the link."""
    found = []
    for term in formula.terms:
        match term:
            case Binary("*", Constant(), feature) if not constants(feature):
                found.append(feature)
            case _:
                return (formula.linear_predictor,)
    return tuple(found) if len(found) <= _MOST else (formula.linear_predictor,)
