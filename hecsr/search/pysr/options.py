"""What PySR may build, and how long it may look: its options in two groups."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hecsr.errors import SearchError, suggestion
from hecsr.search.pysr.reading import UNARY

if TYPE_CHECKING:
    from hecsr.search.samples import Samples

BINARY: Final = ("+", "-", "*", "/", "^")
_POWERS: Final = {"^2": "square", "^3": "cube", "^-1": "inv"}
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {name: name for name in (*BINARY, *UNARY) if name not in _POWERS.values()} | _POWERS
)
"""PySR's name of each operator."""
LEAST_COMPLEXITY: Final = 7
"""PySR refuses a smaller limit."""

Sizes = int | tuple[int, int]
Value = TypeVar("Value")


@dataclass(frozen=True)
class PySRSpace:
    """What may be built.

    Complexities are PySR's: every operator, constant and variable counts, by default
    1 each.

    Parameters
    ----------
    operators
        Of ``+ - * / ^ ^2 ^3 ^-1 neg sqrt cbrt exp log log10 abs sin cos tan atan
        tanh``.
    max_complexity
        Most of a formula, at least 7.
    max_depth
        Most operators inside one another; None for no limit of its own.
    constraints
        Most complexity of each operand by operator, -1 for any: ``{"exp": 5}``, or
        two numbers for a binary operator. Powers have by default an exponent of one
        leaf: ``{"^": (-1, 1)}``.
    nested_constraints
        How often operators may stand inside one another: ``{"exp": {"exp": 0}}``.
    complexity_of_operators
        Other complexities than 1, by operator.
    complexity_of_constants
        Of each number.
    complexity_of_variables
        Of each descriptor, or by descriptor name (1 where it is not named).
    units
        Whether PySR is told the units, and so keeps to formulas whose units close.
        Others are left out afterwards in any case.
    dimensionless_constants_only
        Whether constants are pure numbers; else each takes the unit that it needs.
    poles
        Whether a formula may be undefined between the samples, within the widened
        ranges of the descriptors.
    snap
        Whether constants near 0, integers and halves are put at them where the error
        allows.
    """

    operators: tuple[str, ...] = ("+", "-", "*", "/", "^2", "sqrt", "log", "exp")
    max_complexity: int = 20
    max_depth: int | None = None
    constraints: Mapping[str, Sizes] | None = None
    nested_constraints: Mapping[str, Mapping[str, int]] | None = None
    complexity_of_operators: Mapping[str, float] | None = None
    complexity_of_constants: float = 1
    complexity_of_variables: float | Mapping[str, float] = 1
    units: bool = True
    dimensionless_constants_only: bool = False
    poles: bool = False
    snap: bool = True

    def __post_init__(self) -> None:
        if not self.operators:
            raise SearchError("no operators: give at least one, such as '+'")
        _known(self.operators, tuple(NAMES))
        if len(set(self.operators)) < len(self.operators):
            raise SearchError(f"operators repeat: {', '.join(self.operators)}")
        if self.max_complexity < LEAST_COMPLEXITY:
            raise SearchError(
                f"max_complexity is {self.max_complexity}; PySR needs at least "
                f"{LEAST_COMPLEXITY}"
            )
        _at_least(1, max_depth=self.max_depth)
        self._check_complexities()
        for name in ("constraints", "nested_constraints", "complexity_of_operators"):
            _known(getattr(self, name) or (), self.operators)
        for inner in (self.nested_constraints or {}).values():
            _known(inner, self.operators)
            for times in inner.values():
                # it becomes a part of Julia's source
                if not isinstance(times, int) or times < 0:
                    raise SearchError(
                        f"nested_constraints has {times!r}; a count from 0 is meant"
                    )
        for operator, size in (self.constraints or {}).items():
            if isinstance(size, Sequence) != (operator in BINARY):
                wanted = "two sizes" if operator in BINARY else "one size"
                raise SearchError(f"constraints of '{operator}': give {wanted}")

    def _check_complexities(self) -> None:
        of_variables = self.complexity_of_variables
        named = (
            of_variables if isinstance(of_variables, Mapping) else {"": of_variables}
        )
        given = {
            "operators": self.complexity_of_operators or {},
            "constants": {"": self.complexity_of_constants},
            "variables": named,
        }
        for kind, values in given.items():
            for name, value in values.items():
                # those of operators become a part of Julia's source
                if not isinstance(value, int | float) or not 0 < value < math.inf:
                    of = f" of '{name}'" if name else ""
                    raise SearchError(
                        f"complexity_of_{kind}{of} is {value!r}; a positive number is "
                        "meant"
                    )

    def of_descriptors(self, samples: Samples) -> float | list[float]:
        """Return the complexity of all descriptors, or of each in order.

        Raises
        ------
        SearchError
            If one is named that the samples do not have.
        """
        given = self.complexity_of_variables
        if not isinstance(given, Mapping):
            return given
        names = [d.name for d in samples.descriptors]
        for name in given:
            if name not in names:
                raise SearchError(
                    f"complexity_of_variables names '{name}', which is no descriptor; "
                    f"{suggestion(name, names)}"
                )
        return [given.get(name, 1) for name in names]

    @property
    def names(self) -> tuple[str, ...]:
        """PySR's names of the operators."""
        return tuple(NAMES[o] for o in self.operators)

    def arguments(self) -> dict[str, Any]:
        """Return these options by the names that PySR gives them."""
        constraints: dict[str, Sizes] = _renamed(self.constraints)
        if "^" in self.operators:
            constraints.setdefault("^", (-1, 1))
        nested = _renamed(self.nested_constraints)
        return {
            "binary_operators": [o for o in self.names if o in BINARY],
            "unary_operators": [o for o in self.names if o not in BINARY],
            "maxsize": self.max_complexity,
            "maxdepth": self.max_depth,
            "constraints": constraints or None,
            "nested_constraints": {k: _renamed(v) for k, v in nested.items()} or None,
            "complexity_of_operators": _renamed(self.complexity_of_operators) or None,
            "complexity_of_constants": self.complexity_of_constants,
            "dimensionless_constants_only": self.dimensionless_constants_only,
        }


@dataclass(frozen=True)
class PySRBudget:
    """How long PySR looks, for each search: that on all rows, and of each inner fold.

    Parameters
    ----------
    iterations
        Rounds of evolution, after each of which populations exchange formulas.
    populations
        Number of them.
    population_size
        Formulas in each.
    cycles
        Mutations of each round, per ten formulas of a population.
    parsimony
        What one unit of complexity costs, relative to the loss.
    batching
        Whether formulas are compared on `batch_size` rows at a time; those that are
        kept are measured on all. For thousands of rows.
    batch_size
        Rows of a batch; None leaves it to PySR.
    max_seconds
        Ends a search; what was found by then is used. Results then depend on the
        machine. The first search of a process compiles for some ten seconds.
    max_evaluations
        Ends a search after so many formulas; None for no limit.
    early_stop
        Ends a search at this loss (mean squared error, for classes the mean
        logarithmic loss); None for no such end.
    """

    iterations: int = 40
    populations: int = 31
    population_size: int = 27
    cycles: int = 380
    parsimony: float = 0.0
    batching: bool = False
    batch_size: int | None = None
    max_seconds: float | None = None
    max_evaluations: int | None = None
    early_stop: float | None = None

    def __post_init__(self) -> None:
        _at_least(
            1,
            iterations=self.iterations,
            populations=self.populations,
            cycles=self.cycles,
            batch_size=self.batch_size,
            max_evaluations=self.max_evaluations,
        )
        # PySR's tournaments are held among fifteen formulas
        _at_least(15, population_size=self.population_size)
        _at_least(0, parsimony=self.parsimony, early_stop=self.early_stop)
        if self.max_seconds is not None and not 0 < self.max_seconds < math.inf:
            raise SearchError(
                f"max_seconds is {self.max_seconds}; a positive number or None is meant"
            )

    @property
    def work(self) -> float:
        """What a search takes, in mutations."""
        in_each = self.cycles * self.population_size / 10
        return self.iterations * self.populations * in_each

    def arguments(self) -> dict[str, Any]:
        """Return these options by the names that PySR gives them."""
        return {
            "niterations": self.iterations,
            "populations": self.populations,
            "population_size": self.population_size,
            "ncycles_per_iteration": self.cycles,
            "parsimony": self.parsimony,
            "batching": self.batching,
            "batch_size": self.batch_size,
            "timeout_in_seconds": self.max_seconds,
            "max_evals": self.max_evaluations,
            "early_stop_condition": self.early_stop,
        }


def _renamed(given: Mapping[str, Value] | None) -> dict[str, Value]:
    return {NAMES[name]: value for name, value in (given or {}).items()}


def _known(given: Mapping[str, Any] | Sequence[str], allowed: Sequence[str]) -> None:
    for name in given:
        if name not in allowed:
            raise SearchError(f"unknown operator '{name}'; {suggestion(name, allowed)}")


def _at_least(least: float, **given: float | None) -> None:
    for name, value in given.items():
        if value is not None and not value >= least:
            raise SearchError(f"{name} is {value}; at least {least} is needed")
