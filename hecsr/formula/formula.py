"""The formula: an expression with fitted coefficients, units and a domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import FormulaError
from hecsr.formula.columns import numbers
from hecsr.formula.domain import Domain
from hecsr.formula.expression import (
    Array,
    Binary,
    Call,
    Constant,
    Expression,
    Variable,
    complexity,
    evaluate,
    variables,
)
from hecsr.formula.lookalikes import missing_column, no_constant
from hecsr.formula.writing import Writing
from hecsr.units import NUMBER, Unit

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.analysis.equivalence import Equivalence
    from hecsr.formula.analysis.size import Size
    from hecsr.formula.physics import UnitCheck
    from hecsr.formula.uncertainty import Kind

Task = Literal["regression", "classification"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a formula gives: name, symbol and unit; a probability has unit 1."""

    name: str
    label: str = ""
    latex: str = "y"
    typst: str = "y"
    unit: Unit = NUMBER


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A fitted number with its standard error given the form, and its unit."""

    name: str
    value: float
    standard_error: float | None = None
    unit: Unit = NUMBER


@dataclass(frozen=True, slots=True)
class Interval:
    """Half width that held `level` of the held-out errors of the procedure.

    On the scale of the target. `source` says which errors; `levels` holds further
    levels, rising, each with its half width.
    """

    half_width: float
    level: float
    source: str
    levels: tuple[tuple[float, float], ...] = ()

    def at(self, level: float) -> tuple[float, float]:
        """Return the least known level that is not below `level`, and its half width.

        Raises
        ------
        FormulaError
            If every known level is lower.
        """
        known = sorted({*self.levels, (self.level, self.half_width)})
        for at, half in known:
            if at >= level - 1e-12:
                return at, half
        msg = (
            f"the held-out errors give bounds of at most {known[-1][0]:.4g}, not of "
            f"{level:.4g}; ask for less, or for 'analytic' bounds"
        )
        raise FormulaError(msg)


@dataclass(frozen=True, repr=False)
class Formula(Writing):
    """An immutable formula; evaluates on descriptors or on compositions.

    The covariance and the standard errors of the coefficients are *given this form*:
    after a search among many forms they are not coverage. `interval` is, of the
    whole procedure. `domain` says which samples the formula was fitted to.
    `threshold` is the probability from which on class 1 is called, None where none
    was decided on.
    """

    expression: Expression
    variables: tuple[Descriptor, ...]
    coefficients: tuple[Coefficient, ...]
    target: Target
    task: Task = "regression"
    covariance: tuple[tuple[float, ...], ...] | None = None
    domain: Domain = field(default_factory=Domain)
    n_samples: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    interval: Interval | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    threshold: float | None = None

    def __post_init__(self) -> None:
        known = {d.name for d in self.variables}
        if "" in known:
            raise FormulaError("a variable has no name; name it")
        for name in variables(self.expression):
            if name not in known:
                hint = no_constant(name)
                msg = f"the variable '{name}' is not described{hint and '; '}{hint}"
                raise FormulaError(msg)

    def __hash__(self) -> int:
        return hash((self.expression, self.coefficients, self.target.name))

    @property
    def constants(self) -> dict[str, float]:
        """Coefficient values by name."""
        return {c.name: c.value for c in self.coefficients}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, in order of appearance."""
        return variables(self.expression)

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """Smallest and largest fitted value of each variable."""
        return self.domain.ranges

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must hold for the formula to be defined, as ``vec - 8 > 0``."""
        from hecsr.formula.defined import conditions

        never_negative = {
            d.name: d.positive or (d.lower or 0) > 0
            for d in self.variables
            if d.lower is not None and d.lower >= 0
        }
        return conditions(self.expression, self.constants, never_negative)

    @property
    def unit_check(self) -> UnitCheck:
        """The derived unit of the value and of each coefficient.

        Where units alone do not close, the variables that enter as numbers.
        """
        from hecsr.formula.physics import check_units

        return check_units(
            self.expression,
            {d.name: d.unit for d in self.variables},
            self.target.unit if self.task == "regression" else NUMBER,
            {d.name: d.scale for d in self.variables if d.scale is not None},
            lenient=True,
        )

    @property
    def size(self) -> Size:
        """Nodes, operators, depth, constants, variables and description length."""
        from hecsr.formula.analysis.size import size_of

        return size_of(self.expression)

    @property
    def complexity(self) -> int:
        """Number of operator nodes of the expression."""
        return complexity(self.expression)

    @property
    def terms(self) -> tuple[Expression, ...]:
        """The summands of the linear predictor that hold a variable."""
        return tuple(t for t in summands(self.linear_predictor) if variables(t))

    @property
    def linear_predictor(self) -> Expression:
        """The expression inside the logistic link, or the expression itself."""
        match self.expression:
            case Call("logistic", inner):
                return inner
        return self.expression

    def evaluate(self, data: pd.DataFrame | Mapping[str, Array]) -> Array:
        """Return the value in the target's unit for each row of descriptors.

        Undefined values are NaN. For a classifier the value is the probability.

        Raises
        ------
        FormulaError
            If a column is missing or holds text.
        """
        for name in self.names:
            if name not in data:
                raise FormulaError(missing_column(name, map(str, data)))
        columns = {n: numbers(n, data[n]) for n in self.names}
        value = evaluate(self.expression, columns, self.constants)
        # a formula without variables still has a value for every row
        rows: Sized | None = next((c for c in columns.values() if c.ndim), None)
        if rows is None and columns:
            given = ", ".join(f"'{n}'" for n in columns)
            raise FormulaError(f"{given}: one value each; give lists, as [9.8]")
        if rows is None:
            rows = next(iter(data.values()), ()) if isinstance(data, Mapping) else data
        return np.broadcast_to(value, (len(rows),)).copy()

    def __call__(
        self,
        compositions: str
        | Iterable[str]
        | pd.DataFrame
        | Mapping[str, float | Sequence[float]],
        **given: float | Sequence[float],
    ) -> Array:
        """Return the value for compositions, or for the rows of a table.

        Variables that no composition determines, such as ``load``, are passed by
        name, in the unit that the formula states.

        Raises
        ------
        MissingDataError
            If the tables lack a value of an element: an array has no place for the
            reason. :meth:`predict` gives NaN and the reason for such a row.
        """
        from hecsr.formula.predict import values

        return values(self, compositions, given)

    def predict(
        self,
        given: str
        | Iterable[str]
        | pd.DataFrame
        | Mapping[str, float | Sequence[float]],
        *,
        level: float = 0.9,
        interval: Kind | None = None,
        **variables: float | Sequence[float],
    ) -> pd.DataFrame:
        """Return value, bounds, place in the domain and a note for each row.

        Where the formula has a threshold, the class that is called, too; as
        :func:`hecsr.formula.predict.predict`.
        """
        from hecsr.formula.predict import predict

        return predict(self, given, variables, level=level, interval=interval)

    def simplified(self) -> Formula:
        """Return a shorter formula with the same values and domain."""
        from hecsr.formula.analysis.simplify import simplify

        return self.with_(expression=simplify(self.expression, self.variables))

    def derivative(self, by: str) -> Expression:
        """Return the derivative by a variable, as an expression.

        Raises
        ------
        FormulaError
            If the formula has no such variable.
        """
        from hecsr.formula.analysis.derivative import derivative

        if by not in self.names:
            raise FormulaError(missing_column(by, self.names, "variable"))
        return derivative(self.expression, Variable(by), self.variables)

    def elasticities(self, data: pd.DataFrame | Mapping[str, Array]) -> pd.DataFrame:
        """Return (x / y) dy/dx of each variable on each row of descriptors."""
        from hecsr.formula.analysis.elasticity import elasticities

        return elasticities(self, data)

    def contributions(self, data: pd.DataFrame | Mapping[str, Array]) -> pd.DataFrame:
        """Return what each term adds on each row of descriptors."""
        from hecsr.formula.analysis.contributions import contributions

        return contributions(self, data)

    def equivalence(self, other: Formula) -> Equivalence:
        """Say whether another formula gives the same values, and how sure that is."""
        from hecsr.formula.analysis.equivalence import equivalence

        return equivalence(self, other)

    def with_(self, **changes: Any) -> Formula:
        """Return a copy with some attributes replaced."""
        return replace(self, **changes)


def linear_combination(terms: Sequence[Expression], *, intercept: bool) -> Expression:
    """Return ``c0 + c1 t1 + c2 t2 ...``; without intercept it begins with c1."""
    parts: list[Expression] = [Constant("c0")] if intercept else []
    for i, term in enumerate(terms, start=1):
        parts.append(Binary("*", Constant(f"c{i}"), term))
    total = parts[0]
    for part in parts[1:]:
        total = Binary("+", total, part)
    return total


def summands(expression: Expression) -> list[Expression]:
    """Return what is added up at the top of an expression."""
    match expression:
        case Binary("+", left, right):
            return [*summands(left), *summands(right)]
    return [expression]
