"""Random laws to be found again: sums of two or three terms of a search space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from workloads import (
    ARITHMETIC,
    Array,
    Workload,
    add_noise,
    draw_population,
    population,
    workload,
)

from hecsr.formula.expression import (
    Binary,
    Call,
    Expression,
    Power,
    Variable,
    evaluate,
    walk,
)
from hecsr.formula.grammar import parse
from hecsr.formula.printers.text import to_text

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Family:
    """Laws of one kind: operators, rungs, and how many descriptors there may be."""

    operators: tuple[str, ...]
    rungs: int
    columns: tuple[int, int]


FAMILIES: Final = (
    Family((*ARITHMETIC, "^-1", "^2", "sqrt"), 2, (5, 8)),
    Family((*ARITHMETIC, "^2", "sqrt", "exp", "log"), 2, (5, 8)),
    Family(ARITHMETIC, 3, (4, 4)),
)
"""Laws take turns; the third is as deep as that of W3, with fewer columns."""

SAMPLES: Final = 100
FRESH: Final = 10_000
_PLANTED: Final = {
    "W2": {
        "(f01 - f02) / (f03 * f04)": 2.0,
        "sqrt(f05 * f06)": 1.5,
        "(f07 + f08)^2": -0.25,
    },
    "W3": {
        "(f01 + f02) * f03 / (f04 * (f05 + f06))": 2.0,
        "f01 * f02 / (f03 + f06) - f04 / f05": -1.2,
    },
}
_SPREAD: Final = 0.1
"""Least standard deviation of a term over its root mean square."""
_CARRIED: Final = 0.3
"""Largest share of a term's variance that one sample may carry."""
_PLAIN: Final = 0.999
"""A term that correlates beyond this with a part of it is no deeper than the part."""
_APART: Final = 0.9
"""Terms of a law correlate less than this with each other."""
_FUNCTIONS: Final = ("sqrt", "exp", "log")
_POWERS: Final = {"^-1": -1, "^2": 2}


@dataclass(frozen=True)
class Law:
    """A planted law, the samples it is to be found from, and fresh ones.

    Attributes
    ----------
    work
        Samples, with the target of the law, with or without noise.
    terms
        What the law is a linear combination of.
    coefficients
        The intercept first.
    fresh
        Descriptors of 10,000 more samples of the same population, by name.
    """

    work: Workload
    terms: tuple[Expression, ...]
    coefficients: tuple[float, ...]
    fresh: dict[str, Array]

    @property
    def truth(self) -> Array:
        """The law on the fresh samples."""
        return _combined(self.terms, self.coefficients, self.fresh)

    def __str__(self) -> str:
        parts = [
            f"{c:+g} * ({to_text(t)})"
            for c, t in zip(self.coefficients[1:], self.terms, strict=True)
        ]
        return f"{self.coefficients[0]:g} {' '.join(parts)}"


def random_laws(count: int, noise: float, seed: int = 0) -> list[Law]:
    """Return laws of two and three terms, the families in turn.

    A law is the same with and without noise, and for any count.
    """
    return [
        _random_law(
            np.random.default_rng([seed, number]),
            f"law {number + 1}",
            FAMILIES[number % len(FAMILIES)],
            2 + number // len(FAMILIES) % 2,
            noise,
        )
        for number in range(count)
    ]


def _random_law(
    random: np.random.Generator, name: str, family: Family, size: int, noise: float
) -> Law:
    columns = int(random.integers(*family.columns, endpoint=True))
    values, population = draw_population(random, SAMPLES, columns)
    names = tuple(f"x{i}" for i in range(1, columns + 1))
    table = dict(zip(names, values.T, strict=True))
    terms: list[Expression] = []
    while len(terms) < size:
        # the first term of a law is as deep as its space, the others may be less
        rung = family.rungs if not terms else int(random.integers(1, family.rungs + 1))
        term = _random_term(random, names, family.operators, rung)
        if _fit_for_a_law(term, terms, table):
            terms.append(term)
    coefficients = [round(random.uniform(-2, 2), 2)]
    for term in terms:
        size_of_term = random.uniform(0.6, 1.4) * random.choice([-1, 1])
        coefficient = size_of_term / evaluate(term, table).std()
        coefficients.append(float(f"{coefficient:.3g}"))
    clean = _combined(terms, coefficients, table)
    work = Workload(
        name=name,
        values=values,
        target=add_noise(random, clean, noise),
        clean=clean,
        names=names,
        operators=family.operators,
        rungs=family.rungs,
        sis=0,
        terms=size,
        units=("1",) * columns,
    )
    fresh = population.draw(random, FRESH)
    return Law(
        work,
        tuple(terms),
        tuple(coefficients),
        dict(zip(names, fresh.T, strict=True)),
    )


def planted_laws() -> list[Law]:
    """Return the laws of W2 and W3, with their noise."""
    laws = []
    for name, terms in _PLANTED.items():
        work = workload(name)
        fresh = population(name).draw(np.random.default_rng(0), FRESH)
        laws.append(
            Law(
                work,
                tuple(parse(text) for text in terms),
                (0.0, *terms.values()),
                dict(zip(work.names, fresh.T, strict=True)),
            )
        )
    return laws


def _random_term(
    random: np.random.Generator,
    names: Sequence[str],
    operators: Sequence[str],
    rung: int,
) -> Expression:
    """Return an expression of exactly this rung without poles among positive numbers.

    Only what is positive by its form divides or has a logarithm or a root.
    """
    if rung == 0:
        return Variable(str(random.choice(names)))
    while True:
        sign = str(random.choice(operators))
        first = _random_term(random, names, operators, rung - 1)
        if sign in ARITHMETIC:
            other = int(random.integers(0, rung))
            second = _random_term(random, names, operators, other)
            pair = (first, second) if random.random() < 0.5 else (second, first)
            if first != second and (sign != "/" or _positive(pair[1])):
                return Binary(sign, *pair)
        elif sign in _POWERS:
            if _positive(first) and not isinstance(first, Power):
                return first ** _POWERS[sign]
        elif sign in _FUNCTIONS:
            nested = isinstance(first, Call)
            if not nested and (sign == "exp" or _positive(first)):
                return Call(sign, first)
        else:
            msg = f"no rule for a random '{sign}'"
            raise ValueError(msg)


def _positive(expression: Expression) -> bool:
    """Whether an expression of positive numbers is positive by its form."""
    match expression:
        case Variable():
            return True
        case Call("exp", _):
            return True
        case Call("log", _):
            return False
        case Binary("-", _, _):
            return False
    return all(_positive(child) for child in expression.children)


def _fit_for_a_law(
    term: Expression, others: Sequence[Expression], table: dict[str, Array]
) -> bool:
    """Whether a term varies, is not a simpler one in disguise, and is like no other."""
    value = evaluate(term, table)
    if not np.isfinite(value).all():
        return False
    if not value.std() > _SPREAD * np.sqrt(np.mean(value**2)):
        return False
    square = (value - value.mean()) ** 2
    if square.max() > _CARRIED * square.sum():
        return False
    parts = [part for part in walk(term) if part != term]
    if any(correlation(value, evaluate(p, table)) > _PLAIN for p in parts):
        return False
    return all(correlation(value, evaluate(o, table)) < _APART for o in others)


def correlation(x: Array, y: Array) -> float:
    """Return the absolute correlation; that of a constant is 0."""
    x, y = x - x.mean(), y - y.mean()
    size = np.sqrt((x @ x) * (y @ y))
    return float(abs(x @ y) / size) if size > 0 else 0.0


def _combined(
    terms: Sequence[Expression],
    coefficients: Sequence[float],
    table: dict[str, Array],
) -> Array:
    total = np.full(len(next(iter(table.values()))), coefficients[0])
    for c, term in zip(coefficients[1:], terms, strict=True):
        total = total + c * evaluate(term, table)
    return total
