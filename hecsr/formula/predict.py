"""Evaluate a formula on compositions, with interval and domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

from hecsr.composition import Composition
from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.descriptor import Descriptor
from hecsr.descriptors.table import describe
from hecsr.errors import FormulaError, suggestion
from hecsr.formula.expression import Array, evaluate, logistic
from hecsr.formula.formula import Formula

if TYPE_CHECKING:
    import pandas as pd

LEVEL: Final = 0.9
"""Level of an interval that is made from the coefficients' covariance."""


def predict(
    formula: Formula,
    compositions: str | Composition | Iterable[str | Composition],
    given: Mapping[str, float | Sequence[float]] | None = None,
) -> pd.DataFrame:
    """Return composition, value, lower, upper, domain and note for each one.

    `given` holds the variables that no composition determines, in the unit that
    the formula states: one value for all, or one for each composition.

    Raises
    ------
    FormulaError
        If such a variable is missing, or a given one is not in the formula.
    MissingDataError
        If a table lacks a value that a descriptor needs.
    """
    import pandas as pd

    if isinstance(compositions, str | Composition):
        compositions = [compositions]
    parsed = [Composition.parse(c) for c in compositions]
    columns = _columns(formula, parsed, dict(given or {}))
    value = formula.evaluate(columns)
    lower, upper = interval(formula, columns, value)
    undefined = np.isnan(value)
    domain = formula.domain(columns) or ["inside"] * len(parsed)
    return pd.DataFrame(
        {
            "composition": [c.formula for c in parsed],
            "value": value,
            "lower": lower,
            "upper": upper,
            "domain": [
                "undefined" if bad else place
                for bad, place in zip(undefined, domain, strict=True)
            ],
            "note": [
                "; ".join(
                    [*c.warnings, *(["the formula is undefined here"] if bad else [])]
                )
                for c, bad in zip(parsed, undefined, strict=True)
            ],
        }
    )


def interval(
    formula: Formula, columns: Mapping[str, Array], value: Array
) -> tuple[Array, Array]:
    """Return lower and upper bounds of a prediction.

    From the held-out errors of the whole procedure where the formula carries them;
    else from the covariance of the coefficients given the form, at 90 %. NaN where
    neither is known.
    """
    if formula.interval is not None and formula.task == "regression":
        half = formula.interval.half_width
        return value - half, value + half
    spread = _standard_error(formula, columns)
    if spread is None:
        return np.full_like(value, np.nan), np.full_like(value, np.nan)
    if formula.task == "classification":
        score = evaluate(formula.linear_predictor, columns, formula.constants)
        reach = float(stats.norm.ppf((1 + LEVEL) / 2)) * spread
        ends = [logistic(score + sign * reach) for sign in (-1, 1)]
        return ends[0], ends[1]
    freedom = formula.n_samples - len(formula.coefficients)
    residual = formula.metrics.get("residual_sd", float("nan"))
    reach = stats.t.ppf((1 + LEVEL) / 2, freedom) * np.hypot(spread, residual)
    return value - reach, value + reach


def _standard_error(formula: Formula, columns: Mapping[str, Array]) -> Array | None:
    """Return the standard error of the linear predictor, given the form."""
    terms = formula.terms
    constants = len(formula.coefficients) - len(terms)
    if formula.covariance is None or constants not in (0, 1):
        return None
    # each term is its coefficient times a feature: divide the value out
    rows = [np.ones(len(next(iter(columns.values()))) if columns else 1)] * constants
    unit = {c.name: 1.0 for c in formula.coefficients}
    rows += [evaluate(term, columns, unit) for term in terms]
    design = np.column_stack(np.broadcast_arrays(*rows))
    covariance = np.array(formula.covariance)
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", design, covariance, design)))


def _computed(variable: Descriptor) -> bool:
    """Whether the composition gives the variable; a user's own column does not."""
    return variable.kind != 3 and variable.name in catalogue()


def _columns(
    formula: Formula,
    compositions: list[Composition],
    given: dict[str, float | Sequence[float]],
) -> dict[str, Array]:
    supplied = [d for d in formula.variables if not _computed(d)]
    names = [d.name for d in supplied]
    for name in given:
        if name not in names:
            hint = suggestion(name, names) if names else "it needs none"
            raise FormulaError(f"the formula has no variable '{name}' to set; {hint}")
    for descriptor in supplied:
        if descriptor.name not in given:
            unit = descriptor.unit.text
            msg = (
                f"the formula needs '{descriptor.name}' ({descriptor.label}, in "
                f"{unit}); give it by name, as {descriptor.name}=..., or with "
                f"--set {descriptor.name}=..."
            )
            raise FormulaError(msg)
    columns: dict[str, Array] = {}
    computed = [d.name for d in formula.variables if _computed(d)]
    if computed:
        table = describe(compositions, computed)
        columns |= {n: table.values[:, j] for j, n in enumerate(table.names)}
    for name, amount in given.items():
        values = np.asarray(amount, dtype=np.float64)
        if values.ndim and len(values) != len(compositions):
            count = len(compositions)
            msg = f"'{name}' has {len(values)} values for {count} compositions"
            raise FormulaError(msg)
        columns[name] = np.broadcast_to(values, (len(compositions),)).copy()
    return columns
