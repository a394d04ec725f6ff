"""A planted law, the table it is to be found in, and fresh samples to judge by."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from quantities import ASIDE, Quantity, draw

from hecsr.formula.expression import Expression, evaluate, logistic, variables
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.units import parse_unit

if TYPE_CHECKING:
    import pandas as pd
    from workloads import Array

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.formula import Task

KINDS: Final = (
    "linear in its constants",
    "constants inside",
    "two classes",
    "nothing to find",
)
FRESH: Final = 10_000
REFIT: Final = 2_000
"""Further samples, without noise, on which the constants of a form are fitted."""


@dataclass(frozen=True)
class Law:
    """A law, where it is met, and the table that it is to be found in.

    Attributes
    ----------
    text
        The law in the formula grammar. Of two classes it is the score inside the
        logistic link, whose value is the probability of the second. Empty: the target
        depends on nothing.
    unit
        Of the target.
    linear
        Whether it is linear in its constants, so that a linear combination of
        features of the descriptors can equal it.
    true
        The variables of the law.
    shadows
        Irrelevant quantities that follow a variable of the law, by its name.
    aside
        Names of independent irrelevant quantities.
    samples
        Rows of the table.
    """

    name: str
    text: str
    unit: str
    source: str
    true: tuple[Quantity, ...]
    shadows: tuple[tuple[Quantity, str], ...]
    aside: tuple[str, ...]
    samples: int
    linear: bool = False
    task: Task = "regression"

    @cached_property
    def expression(self) -> Expression | None:
        """What the text stands for; None where the target depends on nothing."""
        return parse(self.text) if self.text else None

    @property
    def kind(self) -> str:
        """In which part of a table the law stands."""
        if self.expression is None:
            return "nothing to find"
        if self.task == "classification":
            return "two classes"
        return "linear in its constants" if self.linear else "constants inside"

    @property
    def names(self) -> frozenset[str]:
        """The variables that the law holds."""
        if self.expression is None:
            return frozenset()
        return frozenset(variables(self.expression))

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The columns of the table, those of the law first."""
        others = [ASIDE[name] for name in self.aside]
        return (*self.true, *(q for q, _ in self.shadows), *others)

    @property
    def descriptors(self) -> tuple[Descriptor, ...]:
        """What the engines are told of the columns."""
        return tuple(q.descriptor for q in self.quantities)

    @property
    def target(self) -> Target:
        """Name and unit of what is sought."""
        return Target("y", unit=parse_unit(self.unit))

    def score(self, columns: dict[str, Array]) -> Array:
        """Return the law's value, of classes that inside the logistic link."""
        rows = len(next(iter(columns.values())))
        if self.expression is None:
            return np.zeros(rows)
        return evaluate(self.expression, columns)

    def value(self, columns: dict[str, Array]) -> Array:
        """Return the law's value, of classes the probability of the second."""
        score = self.score(columns)
        if self.task == "classification":
            return logistic(score)
        return score

    def table(self, noise: float, seed: int) -> Table:
        """Draw samples to search and fresh ones to judge by.

        Samples of one seed are the same for every noise. Noise of numbers is Gaussian,
        a share of the law's standard deviation. Labels are drawn by the law's
        probability; noise is the chance that one is then exchanged for the other.
        Where the target depends on nothing it is drawn anew for each noise: the
        standard normal distribution, or two classes of equal chance.
        """
        name = zlib.crc32(self.name.encode())
        follows = {q.name: leader for q, leader in self.shadows}
        rows, fresh, target = np.random.default_rng([name, seed]).spawn(3)
        columns = draw(rows, self.samples, self.quantities, follows)
        more = draw(fresh, REFIT + FRESH, self.quantities, follows)
        refit = {n: x[:REFIT] for n, x in more.items()}
        held = {n: x[REFIT:] for n, x in more.items()}
        if self.expression is None:
            target = np.random.default_rng([name, seed, round(1e6 * noise)])
        value = self.value(columns)
        if self.task == "classification":
            y = target.random(self.samples) < value
            y ^= target.random(self.samples) < noise
            y = y.astype(np.float64)
        elif self.expression is None:
            y = target.normal(size=self.samples)
        else:
            spread = noise * self.value(held).std()
            y = value + spread * target.normal(size=self.samples)
        return Table(self, columns, y, refit, held)


@dataclass(frozen=True)
class Table:
    """Samples of a law, and fresh ones without noise.

    Attributes
    ----------
    columns, y
        What an engine sees: descriptor values by name, and the target.
    refit, fresh
        Descriptors of 2,000 and 10,000 more samples of the same population.
    """

    law: Law
    columns: dict[str, Array]
    y: Array
    refit: dict[str, Array] = field(repr=False)
    fresh: dict[str, Array] = field(repr=False)

    @property
    def frame(self) -> pd.DataFrame:
        """The descriptors as a table."""
        import pandas as pd

        return pd.DataFrame(self.columns)
