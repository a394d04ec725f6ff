"""The workloads of the benchmark: tables of numbers with a planted law.

Each is drawn from a fixed seed and is the same on every machine. Descriptors are
positive, of order one, and correlated through three latent factors, as tabulated
properties of the elements are. The noise is Gaussian, 2 % of the standard deviation of
the law.

====  ====  ==========  =====  =====================================================
Name  Rows  Columns     Rungs  Law
====  ====  ==========  =====  =====================================================
W1    60    10          2      3 f01 f04 / f02^2 - 1.7 sqrt(f03 + f06)
W2    150   15          2      2 (f01 - f02) / (f03 f04) + 1.5 sqrt(f05 f06)
                               - 0.25 (f07 + f08)^2
W3    100   6           3      2 (f01 + f02) f03 / (f04 (f05 + f06))
                               - 1.2 (f01 f02 / (f03 + f06) - f04 / f05)
W3s   100   5           3      that of W3, f06 withheld
W3u   100   6           3      that of W3; f01 to f03 in GPa, f04 to f06 in K
W4    1000  10          2      that of W1
====  ====  ==========  =====  =====================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ARITHMETIC: Final = ("+", "-", "*", "/")
NOISE: Final = 0.02
_FUNCTIONS: Final = (*ARITHMETIC, "sqrt", "^2", "^3", "^-1", "exp", "log")
_FACTORS: Final = 3


@dataclass(frozen=True)
class Workload:
    """A table, its target, and the search that is to be run on it.

    Attributes
    ----------
    values
        One row per sample, one column per descriptor.
    target
        The law with noise.
    clean
        The law without.
    names
        Of the columns.
    operators, rungs
        Of the search space.
    sis
        Features kept by each screening.
    terms
        Most terms of a formula.
    units
        Of the columns.
    """

    name: str
    values: Array
    target: Array
    clean: Array
    names: tuple[str, ...]
    operators: tuple[str, ...]
    rungs: int
    sis: int
    terms: int
    units: tuple[str, ...]

    @property
    def max_complexity(self) -> int:
        """Operators of the fullest expression of so many rungs."""
        return (1 << self.rungs) - 1

    def first(self, columns: int) -> Workload:
        """Return the workload with only its first columns; the law stays."""
        return replace(
            self,
            name=f"{self.name}, {columns} columns",
            values=np.ascontiguousarray(self.values[:, :columns]),
            names=self.names[:columns],
            units=self.units[:columns],
        )


@dataclass(frozen=True)
class Population:
    """Where samples come from: loads on the latent factors, and limits of the columns.

    A column runs from `low` to `low + width`; `mixed` is how strongly it follows the
    latent factors.
    """

    mixed: Array
    low: Array
    width: Array

    def draw(self, random: np.random.Generator, samples: int) -> Array:
        """Return fresh samples."""
        factors = random.normal(size=(samples, len(self.mixed)))
        return self.place(factors, random.normal(size=(samples, len(self.low))))

    def place(self, factors: Array, own: Array) -> Array:
        """Return the samples of given latent factors and own parts."""
        z = factors @ self.mixed + own * 0.8
        within = 0.5 * (1.0 + np.tanh(z / 1.4))
        return np.round(self.low + self.width * within, 6)


def draw_population(
    random: np.random.Generator, samples: int, columns: int
) -> tuple[Array, Population]:
    """Return samples and the population they were drawn from.

    The order of the draws is part of the workloads.
    """
    factors = random.normal(size=(samples, _FACTORS))
    mixed = random.normal(size=(_FACTORS, columns)) * 0.45
    own = random.normal(size=(samples, columns))
    low = random.uniform(0.4, 0.9, size=columns)
    high = random.uniform(2.0, 3.6, size=columns)
    population = Population(mixed, low, high - low)
    return population.place(factors, own), population


def add_noise(random: np.random.Generator, clean: Array, share: float) -> Array:
    """Return a target with Gaussian noise, a share of its standard deviation."""
    return np.asarray(clean + random.normal(size=len(clean)) * share * clean.std())


def population(name: str) -> Population:
    """Return where the samples of W1, W2, W3 or W4 come from."""
    rows, columns, *_ = _TABLE[name]
    return draw_population(_random(name), rows, columns)[1]


def workload(name: str) -> Workload:
    """Return a workload by its name.

    Raises
    ------
    KeyError
        If there is none of this name.
    """
    if name == "W3s":
        return replace(workload("W3").first(5), name=name, terms=1)
    if name == "W3u":
        units = ("GPa",) * 3 + ("K",) * 3
        return replace(workload("W3"), name=name, units=units)
    rows, columns, operators, rungs, sis, terms, law = _TABLE[name]
    random = _random(name)
    values, _ = draw_population(random, rows, columns)
    clean = law(*values.T)
    names = tuple(f"f{i:02d}" for i in range(1, columns + 1))
    return Workload(
        name=name,
        values=values,
        target=np.round(add_noise(random, clean, NOISE), 8),
        clean=clean,
        names=names,
        operators=operators,
        rungs=rungs,
        sis=sis,
        terms=terms,
        units=("1",) * columns,
    )


def _random(name: str) -> np.random.Generator:
    return np.random.default_rng([0, int(name[1:])])


def _quotient_and_root(*f: Array) -> Array:
    return np.asarray(3.0 * f[0] * f[3] / f[1] ** 2 - 1.7 * np.sqrt(f[2] + f[5]))


def _three_terms(*f: Array) -> Array:
    first = 2.0 * (f[0] - f[1]) / (f[2] * f[3])
    return np.asarray(
        first + 1.5 * np.sqrt(f[4] * f[5]) - 0.25 * (f[6] + f[7]) ** 2,
    )


def _deep_terms(*f: Array) -> Array:
    first = 2.0 * (f[0] + f[1]) * f[2] / (f[3] * (f[4] + f[5]))
    second = f[0] * f[1] / (f[2] + f[5]) - f[3] / f[4]
    return np.asarray(first - 1.2 * second)


# rows, columns, operators, rungs, features kept, terms, law
_Row = tuple[int, int, tuple[str, ...], int, int, int, Callable[..., Array]]
_TABLE: Final[dict[str, _Row]] = {
    "W1": (60, 10, _FUNCTIONS, 2, 200, 2, _quotient_and_root),
    "W2": (150, 15, (*ARITHMETIC, "^-1", "^2", "sqrt"), 2, 1000, 3, _three_terms),
    "W3": (100, 6, ARITHMETIC, 3, 1000, 2, _deep_terms),
    "W4": (1000, 10, _FUNCTIONS, 2, 200, 2, _quotient_and_root),
}
NAMES: Final = (*_TABLE, "W3s", "W3u")
