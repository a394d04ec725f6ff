"""The sections of an analysis that set up its engines, and what options may be."""

from __future__ import annotations

import math
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Positive = Annotated[int, Field(ge=1)]


STRICT: Final = ConfigDict(extra="forbid", frozen=True)
"""Of every table of the TOML file: a key it does not know is an error."""


class EngineSection(BaseModel):
    """One engine's table of the TOML file, or that of all of them."""

    model_config = STRICT


def _weighing(given: Any) -> Any:
    """Refuse what weighs no classes, in one sentence for all that is allowed."""
    if given is None or given == "balanced":
        return given
    weights = given if isinstance(given, dict) else {}
    named = bool(weights) and set(weights) <= {"0", "1"}
    if not named or not all(_positive(w) for w in weights.values()):
        raise ValueError(
            f'{given!r} weighs no classes; allowed: "balanced", or positive weights '
            "of class 0 and class 1, as { 0 = 3, 1 = 1 }"
        )
    return given


def _size(given: Any) -> Any:
    """Refuse what limits no operands: one size, or two of a binary operator."""
    sizes = list(given) if isinstance(given, list | tuple) else [given]
    whole = all(isinstance(s, int) and not isinstance(s, bool) for s in sizes)
    if len(sizes) not in (1, 2) or not whole or any(s < -1 or s == 0 for s in sizes):
        raise ValueError(
            f"{given!r} limits no operand; allowed: its most complexity, or -1 for "
            "any; of a binary operator two of them, as [-1, 1]"
        )
    return given


def _costs(given: Any) -> Any:
    """Refuse what are no costs of both mistakes."""
    if given is None:
        return given
    each = list(given) if isinstance(given, list | tuple) else []
    if len(each) != 2 or not all(_positive(c) for c in each):
        raise ValueError(
            f"{given!r} are no costs; two positive numbers are meant: of calling a 0 "
            "a 1, and of calling a 1 a 0"
        )
    return given


def _positive(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < value < math.inf


ClassWeight = Annotated[
    Literal["balanced"] | dict[str, float] | None, BeforeValidator(_weighing)
]
Size = Annotated[int | tuple[int, int], BeforeValidator(_size)]
Costs = Annotated[tuple[float, float] | None, BeforeValidator(_costs)]
Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Sisso(EngineSection):
    """The sparse search: what may be built, and its budget.

    `criterion` is what ranks formulas of two classes: their 'likelihood', which is
    meant where it is not given, or the 'overlap' of the classes' domains.
    `class_weight` is "balanced" or weights of the classes 0 and 1; probabilities are
    then those of the weighted population.
    """

    operators: list[str] = ["+", "-", "*", "/", "|-|", "^-1", "^2", "sqrt"]
    rungs: Annotated[int, Field(ge=0, le=3)] = 2
    complexity: Annotated[int, Field(ge=0)] = 3
    screened: Positive = 50
    terms: Annotated[int, Field(ge=1, le=4)] = 3
    inner_folds: Annotated[int, Field(ge=0)] = 5
    max_candidates: Positive = 20_000_000
    residuals: Positive = 1
    beam: Annotated[int, Field(ge=0)] = 0
    criterion: Literal["likelihood", "overlap"] | None = None
    class_weight: ClassWeight = None


class Lasso(EngineSection):
    """LASSO on descriptors, their powers and products."""

    terms: Annotated[int, Field(ge=1, le=12)] = 5
    inner_folds: Annotated[int, Field(ge=0)] = 5
    class_weight: ClassWeight = None


class Operon(EngineSection):
    """Genetic programming by Operon, where it can be installed."""

    operators: list[str] = ["+", "-", "*", "/", "^2", "sqrt", "log", "exp"]
    length: Annotated[int, Field(ge=3)] = 16
    restarts: Positive = 2
    population: Annotated[int, Field(ge=10)] = 500
    generations: Positive = 30
    inner_folds: Annotated[int, Field(ge=0)] = 5
    class_weight: ClassWeight = None


class PySR(EngineSection):
    """Symbolic regression by PySR, where a Julia is found.

    The options after `class_weight` are those of :mod:`hecsr.search.pysr.options`,
    whose defaults stand where one is not given. There is no limit of seconds: results
    would depend on the machine.
    """

    operators: list[str] = ["+", "-", "*", "/", "^2", "sqrt", "log", "exp"]
    complexity: Annotated[int, Field(ge=7)] = 20
    iterations: Positive = 40
    populations: Positive = 31
    population: Annotated[int, Field(ge=10)] = 27
    parsimony: Annotated[float, Field(ge=0)] = 0.0
    inner_folds: Annotated[int, Field(ge=0)] = 5
    class_weight: ClassWeight = None
    depth: Positive | None = None
    constraints: dict[str, Size] | None = None
    nested_constraints: dict[str, dict[str, Annotated[int, Field(ge=0)]]] | None = None
    complexity_of_operators: dict[str, Weight] | None = None
    complexity_of_constants: Weight | None = None
    complexity_of_variables: Weight | None = None
    dimensionless_constants: bool | None = None
    units: bool | None = None
    poles: bool | None = None
    snap: bool | None = None
    cycles: Positive | None = None
    batching: bool | None = None
    batch_size: Positive | None = None
    max_evaluations: Positive | None = None
    early_stop: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _batched(self) -> PySR:
        if self.batch_size is not None and not self.batching:
            raise ValueError("'batch_size' is that of batching = true; set it, too")
        return self


class Engines(EngineSection):
    """Searches for formulas; leave one out to skip it."""

    sisso: Sisso | None = None
    lasso: Lasso | None = None
    operon: Operon | None = None
    pysr: PySR | None = None

    @model_validator(mode="after")
    def _any(self) -> Engines:
        if not any((self.sisso, self.lasso, self.operon, self.pysr)):
            names = ", ".join(f"[engines.{name}]" for name in Engines.model_fields)
            raise ValueError(f"name at least one engine of {names}")
        return self
