"""The search written to be read: every feature a vector, every model a least squares.

It follows the rules of SISSO 3.5 for the operators ``+ - * / sqrt ^2`` and is what
the ratios of the benchmark refer to.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workloads import Array, Workload

_CONSTANT: Final = 1e-8
_SELECTABLE: Final = (1e-3, 1e5)
_FINITE: Final = (1e-50, 1e50)
_EQUAL_KEY: Final = 1e-8
_EQUAL_CORRELATION: Final = 0.99
_CALLS: Final[dict[str, Callable[[Array], Array]]] = {"sqrt": np.sqrt, "^2": np.square}


@dataclass(frozen=True)
class Feature:
    """A feature: how it is written, its values, its last operator and their number."""

    name: str
    value: Array
    operator: str
    nodes: int


@dataclass(frozen=True)
class Answer:
    """The best models: their error and terms by dimension; and the work done."""

    rmse: tuple[float, ...]
    terms: tuple[tuple[str, ...], ...]
    candidates: int
    models: int


def search(work: Workload, *, sis: int, terms: int) -> Answer:
    """Search a workload; the stored rungs are kept, the last one is passed through."""
    stored, newest = _stored(work)
    pool: list[Feature] = []
    residual = work.target
    found: list[tuple[float, tuple[str, ...]]] = []
    candidates = models = 0
    for size in range(1, terms + 1):
        scored = []
        for feature in _every(stored, newest, work):
            candidates += 1
            if _may_be_chosen(feature.value):
                scored.append((_score(feature.value, residual), feature))
        pool += _best(scored, sis, {f.name for f in pool})
        error, chosen, residual = _fit_all(pool, work.target, size)
        models += sum(1 for _ in combinations(pool, size))
        found.append((error, tuple(f.name for f in chosen)))
    return Answer(
        tuple(error for error, _ in found),
        tuple(names for _, names in found),
        candidates,
        models,
    )


def _stored(work: Workload) -> tuple[list[Feature], int]:
    """Return the features of all rungs but the last, and where the newest begin."""
    stored = [
        Feature(name, value, "", 0)
        for name, value in zip(work.names, work.values.T, strict=True)
    ]
    newest = 0
    for _ in range(work.rungs - 1):
        made = _distinct(list(_made(stored, newest, work.operators, last=False)))
        newest = len(stored)
        stored = stored + made
    return stored, newest


def _every(stored: list[Feature], newest: int, work: Workload) -> Iterator[Feature]:
    yield from stored
    yield from _made(stored, newest, work.operators, last=True)


def _made(
    stored: list[Feature], newest: int, operators: tuple[str, ...], *, last: bool
) -> Iterator[Feature]:
    """Make a rung: an operator on at least one of the newest features."""
    for i, f in enumerate(stored):
        for sign in operators:
            if sign in _CALLS and i >= newest:
                made = _call(sign, f)
                if made is not None:
                    yield made
        for g in stored[max(newest, i + 1) :]:
            for made in _pairs(f, g, operators, last=last):
                if _usable(made.value):
                    yield made


def _call(sign: str, f: Feature) -> Feature | None:
    inverse = {"sqrt": "^2", "^2": "sqrt"}
    if f.operator == inverse[sign] or (sign == "sqrt" and f.value.min() <= 0):
        return None
    made = Feature(f"{sign}({f.name})", _CALLS[sign](f.value), sign, f.nodes + 1)
    return made if _usable(made.value) else None


def _pairs(
    f: Feature, g: Feature, operators: tuple[str, ...], *, last: bool
) -> Iterator[Feature]:
    nodes = f.nodes + g.nodes + 1
    if "+" in operators:
        yield Feature(f"({f.name}+{g.name})", f.value + g.value, "+", nodes)
    if "-" in operators:
        yield Feature(f"({f.name}-{g.name})", f.value - g.value, "-", nodes)
        if not last:
            yield Feature(f"({g.name}-{f.name})", g.value - f.value, "-", nodes)
    if "*" in operators:
        yield Feature(f"({f.name}*{g.name})", f.value * g.value, "*", nodes)
    if "/" in operators:
        chained = "/" in (f.operator, g.operator) and "*" in operators and not last
        for a, b in () if chained else ((f, g), (g, f)):
            if np.abs(b.value).min() > _FINITE[0]:
                yield Feature(f"({a.name}/{b.name})", a.value / b.value, "/", nodes)


def _usable(value: Array) -> bool:
    top = np.abs(value).max()
    apart = np.abs(value - value[0]).max()
    return bool(_FINITE[0] < top <= _FINITE[1] and apart > _CONSTANT)


def _may_be_chosen(value: Array) -> bool:
    return bool(_SELECTABLE[0] <= np.abs(value).max() <= _SELECTABLE[1])


def _score(value: Array, residual: Array) -> float:
    x = value - value.mean()
    r = residual - residual.mean()
    return float(abs(x @ r) / np.sqrt((x @ x) * (r @ r)))


def _simplest_first(features: list[Feature]) -> list[Feature]:
    return sorted(features, key=lambda f: (f.nodes, len(f.name), f.name))


def _distinct(made: list[Feature]) -> list[Feature]:
    """Keep the simplest of features with nearly equal keys that correlate."""
    if not made:
        return made
    tag = 1.0 + 0.001 * np.arange(1, len(made[0].value) + 1)
    key = {f.name: float(np.linalg.norm(f.value + tag)) for f in made}
    kept: list[Feature] = []
    for group in _runs(sorted(made, key=lambda f: key[f.name]), key):
        own: list[Feature] = []
        for f in _simplest_first(group):
            if not any(
                abs(key[f.name] - key[g.name]) <= _EQUAL_KEY and _alike(f, g)
                for g in own
            ):
                own.append(f)
        kept += own
    return kept


def _best(
    scored: list[tuple[float, Feature]], sis: int, known: set[str]
) -> list[Feature]:
    """Return the best features, of equal ones the simplest, without those known."""
    scored.sort(key=lambda s: -s[0])
    key = {f.name: -score for score, f in scored}
    chosen: list[Feature] = []
    for group in _runs([f for _, f in scored], key):
        own: list[Feature] = []
        for f in _simplest_first(group):
            if not any(_alike(f, g) for g in own):
                own.append(f)
        chosen += [f for f in own if f.name not in known]
        if len(chosen) >= sis:
            break
    return chosen[:sis]


def _runs(features: list[Feature], key: dict[str, float]) -> Iterator[list[Feature]]:
    """Part sorted features where the key rises by more than equal ones differ."""
    run: list[Feature] = []
    for f in features:
        if run and key[f.name] - key[run[-1].name] > _EQUAL_KEY:
            yield run
            run = []
        run.append(f)
    yield run


def _alike(f: Feature, g: Feature) -> bool:
    return _score(f.value, g.value) > _EQUAL_CORRELATION


def _fit_all(
    pool: list[Feature], target: Array, size: int
) -> tuple[float, tuple[Feature, ...], Array]:
    """Fit every model of so many features; return the best one and its residual."""
    best: tuple[float, tuple[Feature, ...], Array] = (np.inf, (), target)
    for members in combinations(pool, size):
        columns = np.column_stack([np.ones(len(target)), *(f.value for f in members)])
        coefficients = np.linalg.lstsq(columns, target)[0]
        residual = target - columns @ coefficients
        error = float(np.sqrt(np.mean(residual**2)))
        if error < best[0]:
            best = error, members, residual
    return best
