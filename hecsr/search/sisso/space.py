"""What a search may build, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from hecsr.errors import SearchError, suggestion
from hecsr.search.sisso.building.operators import OPERATORS
from hecsr.search.sisso.building.rules import PLAIN, SISSO35, Rules
from hecsr.search.sisso.building.values import ValueRule
from hecsr.search.sisso.screening.goals import Precision

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor

MAX_RUNGS: Final = 3
MAX_REQUIRED: Final = 62


@dataclass(frozen=True)
class SearchSpace:
    """The features that may be built from descriptors.

    Rung r holds the features made by one operator from at least one feature of rung
    r - 1; rung 0 is the descriptors.

    Attributes
    ----------
    operators
        Of ``+ - * / |-| ^-1 ^2 ^3 ^6 sqrt cbrt exp exp- log abs sin cos``.
    rungs
        0 to 3.
    max_complexity
        Most operator nodes of a feature, as ``Formula.complexity`` counts them.
    by_rung
        Operators of each rung, where they differ; replaces `operators`.
    constant_below
        A feature whose standard deviation is below this share of its root mean
        square (of its operands' for a sum) is constant but for rounding.
    positive_margin, other_margin
        How far the range of a descriptor is widened before poles are looked for: a
        factor for positive quantities, a share of the range for others.
    excluded
        Descriptors not to be used.
    required
        Descriptors that each formula must contain.
    ranges
        Descriptors and the ranges, in their own units, over which poles are looked
        for; they replace the widened ranges and must hold the data.
    poles
        Whether an operator is lawful as soon as it is so on the samples; poles
        between them are then not looked for.
    rules
        What else is asked of features.
    """

    operators: tuple[str, ...] = (
        *("+", "-", "*", "/", "|-|"),
        *("^-1", "^2", "^3", "sqrt", "log"),
    )
    rungs: int = 2
    max_complexity: int = 3
    by_rung: tuple[tuple[str, ...], ...] | None = None
    constant_below: float = 1e-10
    positive_margin: float = 1.1
    other_margin: float = 0.1
    excluded: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    ranges: tuple[tuple[str, float, float], ...] = ()
    poles: bool = False
    rules: Rules = PLAIN

    def __post_init__(self) -> None:
        if not 0 <= self.rungs <= MAX_RUNGS:
            raise SearchError(f"rungs is {self.rungs}; allowed: 0 to {MAX_RUNGS}")
        if self.max_complexity < 0:
            raise SearchError("max_complexity is negative")
        if self.by_rung is not None and len(self.by_rung) != self.rungs:
            msg = f"by_rung lists {len(self.by_rung)} rungs, but rungs is {self.rungs}"
            raise SearchError(msg)
        for rung in range(1, self.rungs + 1):
            for sign in self.at(rung):
                if sign not in OPERATORS:
                    hint = suggestion(sign, OPERATORS)
                    raise SearchError(f"unknown operator '{sign}'; {hint}")
        self._check_margins()
        self._check_choices()

    @classmethod
    def sisso35(
        cls,
        operators: tuple[str, ...] = ("+", "-", "*", "/"),
        rungs: int = 2,
        max_complexity: int | None = None,
    ) -> SearchSpace:
        """Return a space with the rules of SISSO 3.5, to compare with it.

        Poles are allowed, and what values may be depends on their units. Unlike
        there, exp, log, sin and cos only take pure numbers, and a descriptor that is
        constant is not used.

        Parameters
        ----------
        max_complexity
            Most operators of a feature, SISSO's `fcomplexity`; by default what the
            rungs allow.
        """
        most = 2**rungs - 1 if max_complexity is None else max_complexity
        return cls(operators, rungs, most, poles=True, rules=SISSO35)

    def at(self, rung: int) -> tuple[str, ...]:
        """Return the operators that make rung 1, 2, ..."""
        return self.operators if self.by_rung is None else self.by_rung[rung - 1]

    def nodes(self, sign: str) -> int:
        """Return what an operator adds to the complexity."""
        return 1 if sign in self.rules.one_node else OPERATORS[sign].nodes

    @property
    def costs(self) -> NDArray[np.int32]:
        """What each operator adds to the complexity, by its code."""
        costs = np.zeros(128, dtype=np.int32)
        for sign, operator in OPERATORS.items():
            costs[operator.code] = self.nodes(sign)
        return costs

    @property
    def duplicates(self) -> tuple[float, float]:
        """Differences of scores, and correlations, from which listed ones are one."""
        return self.rules.duplicates

    @property
    def absolute(self) -> bool:
        """Whether rules depend on the units that values are given in."""
        rules = self.rules.stored, self.rules.listed, self.rules.same_key
        return any(rule is not None for rule in rules)

    def value_rule(self, stored: bool) -> ValueRule:
        """Return what values a feature may have that is stored, or only listed."""
        found = self.rules.stored if stored else self.rules.listed
        return found or ValueRule(constant_below=self.constant_below)

    def used(self, descriptors: Sequence[Descriptor]) -> list[int]:
        """Return the positions of the descriptors that may be used.

        Raises
        ------
        SearchError
            If the space names one that is not there, or leaves none.
        """
        names = [d.name for d in descriptors]
        for option in ("excluded", "required", "ranges"):
            _check_names(option, self._named(option), names)
        found = [j for j, name in enumerate(names) if name not in self.excluded]
        if names and not found:
            raise SearchError("every descriptor is excluded; leave at least one")
        return found

    def bits(self, descriptors: Sequence[Descriptor]) -> NDArray[np.int64]:
        """Return for each descriptor the bit of its place in `required`, or 0."""
        places = {name: k for k, name in enumerate(self.required)}
        bits = [1 << places[d.name] if d.name in places else 0 for d in descriptors]
        return np.array(bits, dtype=np.int64)

    def _named(self, option: str) -> tuple[str, ...]:
        if option == "ranges":
            return tuple(name for name, _, _ in self.ranges)
        return self.excluded if option == "excluded" else self.required

    def _check_margins(self) -> None:
        if not 0 <= self.constant_below < 1:
            msg = f"constant_below is {self.constant_below}; allowed: from 0 to below 1"
            raise SearchError(msg)
        if (
            not 1 <= self.positive_margin < np.inf
            or not 0 <= self.other_margin < np.inf
        ):
            raise SearchError(
                f"the margins are {self.positive_margin} and {self.other_margin}; a "
                "range is only widened: at least 1 and 0, and finite"
            )

    def _check_choices(self) -> None:
        for option in ("excluded", "required", "ranges"):
            named = self._named(option)
            twice = [name for name in dict.fromkeys(named) if named.count(name) > 1]
            if twice:
                raise SearchError(f"{option} names '{twice[0]}' twice")
        both = [name for name in self.required if name in self.excluded]
        if both:
            raise SearchError(f"'{both[0]}' is both required and excluded")
        if len(self.required) > MAX_REQUIRED:
            raise SearchError(f"at most {MAX_REQUIRED} descriptors can be required")
        if self.ranges and self.poles:
            raise SearchError("ranges say where to look for poles, but poles is True")
        for name, low, high in self.ranges:
            if not -np.inf < low <= high < np.inf:
                msg = f"the range of '{name}', {low} to {high}, is not one of numbers"
                raise SearchError(msg)


@dataclass(frozen=True)
class Budget:
    """What a search may keep and cost; beyond it the search is refused, or cut.

    Attributes
    ----------
    sis
        Features kept by the screening of each dimension.
    max_candidates, max_models
        Most features to be scored per dimension, and tuples to be fitted in all.
    max_bytes
        Most memory for stored features and work space.
    max_seconds
        Most expected seconds of one search on one core, None for no limit.
    cut
        Whether a search that is too large is made smaller, as
        :func:`hecsr.search.sisso.size.fit_to_budget` says, and not refused.
    precision
        Of the matrix products of a screening; what they find is decided in float64.
    cache_bytes
        Memory for the variances that later screenings of a search use again.
    """

    sis: int = 50
    max_candidates: int = 100_000_000
    max_models: int = 10_000_000_000
    max_bytes: int = 2 * 1024**3
    max_seconds: float | None = None
    cut: bool = False
    precision: Precision = "float64"
    cache_bytes: int = 64 * 1024**2

    def __post_init__(self) -> None:
        if self.sis < 1:
            raise SearchError(f"sis is {self.sis}; at least 1 feature must be kept")
        for name in ("max_candidates", "max_models", "max_bytes", "max_seconds"):
            most = getattr(self, name)
            if most is not None and not most > 0:
                raise SearchError(f"{name} is {most}; it must be positive")
        if self.cache_bytes < 0:
            raise SearchError(f"cache_bytes is {self.cache_bytes}; 0 keeps nothing")
        if self.precision not in get_args(Precision):
            hint = suggestion(self.precision, get_args(Precision))
            raise SearchError(f"unknown precision '{self.precision}'; {hint}")


def _check_names(option: str, given: Iterable[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            hint = suggestion(name, known)
            raise SearchError(f"{option} names '{name}', which is not there; {hint}")
