"""Screening: candidates per second, growth, and what the rules cost."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from entries import Entry
from machine import Precision, gemm_rate
from searching import Pass, Rules, screen, space_of
from workloads import workload

if TYPE_CHECKING:
    from workloads import Workload

    from hecsr.search.sisso.space import SearchSpace

_FLOORS: Final[dict[Precision, tuple[float | None, float]]] = {
    "float64": (2e8, 3.5e8),
    "float32": (None, 6e8),
}
_SHARE: Final = (0.45, 0.65)
_MOST_MORE: Final = 4 / 3
_MUCH_SMALLER: Final = 5
_STEADY: Final = 0.95
"""A rate that falls by less than the spread of repeated runs does not fall."""


def screening(*, quick: bool) -> list[Entry]:
    """Time one screening of W3 in either precision."""
    work = workload("W3").first(3) if quick else workload("W3")
    space = space_of(work, "preset")
    entries = []
    for precision in _FLOORS:
        done, share = _best_of(work, space, precision, 1 if quick else 3)
        floor, target = _FLOORS[precision]
        rate = done.nominal / done.cpu
        note = (
            f"{done.nominal:.3g} nominal, {done.evaluated:.3g} evaluated, "
            f"{done.exact:.3g} rescored; {done.generation:.3g} s of {done.cpu:.3g} s "
            "to build the stored rungs"
        )
        name = f"{work.name}, {precision}"
        entries.append(
            Entry(
                "screening, nominal candidates",
                name,
                rate,
                "/s",
                floor,
                target,
                scaled=True,
                share=share,
                note=note,
            )
        )
        if share is not None:
            bounds = _SHARE if precision == "float64" else (None, None)
            work_name = f"{name}, share of the matrix product"
            entries.append(
                Entry("screening, nominal candidates", work_name, share, "%", *bounds)
            )
    return entries


def growth(*, quick: bool) -> list[Entry]:
    """Time spaces from a million candidates to nearly a thousand million."""
    entries, rates = [], []
    for columns in (3, 4) if quick else (3, 4, 5, 6):
        work = workload("W3").first(columns)
        space = space_of(work, "preset")
        done, share = _best_of(work, space, "float64", 1 if quick else 3)
        rates.append(done.nominal / done.cpu)
        name = f"{done.nominal:.2g} candidates"
        entries.append(
            Entry("growth, nominal candidates", name, rates[-1], "/s", share=share)
        )
    steady = min(b / max(rates[: i + 1]) for i, b in enumerate(rates[1:]))
    return [
        *entries,
        Entry(
            "growth, nominal candidates",
            "least rate over the best of a smaller space",
            steady,
            "x",
            target=_STEADY,
        ),
    ]


def cost(*, quick: bool) -> list[Entry]:
    """Time what rules cost: seconds per candidate evaluated, over plain W3."""
    columns = 4 if quick else 6
    plain = workload("W3").first(columns)
    small = workload("W3").first(columns - 2)
    units = workload("W3u").first(columns)
    # a column less: it has several times the candidates
    differences = replace(plain.first(columns - 1), operators=(*plain.operators, "|-|"))
    variants: tuple[tuple[str, Workload, Rules, dict[str, Any]], ...] = (
        ("units (W3u)", units, "preset", {}),
        ("|a-b| added", differences, "preset", {}),
        ("at most 5 operators", plain, "preset", {"max_complexity": 5}),
        ("no poles (default space)", plain, "default", {}),
        ("units, no poles", units, "default", {}),
    )
    entries = []
    for name, work, rules, changes in variants:
        space = space_of(work, rules, **changes)
        same = plain.first(len(work.names))
        both = _turn_by_turn(same, work, space, 1 if quick else 3)
        ratios = [_each(other) / _each(one) for one, other in both]
        scans = [_each_scanned(other) / _each_scanned(one) for one, other in both]
        one, last = both[-1]
        note = (
            f"{last.nominal:.3g} nominal, {last.evaluated:.3g} evaluated, "
            f"{last.cpu:.3g} s; without the stored rungs "
            f"{statistics.median(scans):.3g} x"
        )
        if last.evaluated < one.evaluated / _MUCH_SMALLER:
            # what any search costs weighs more there, whatever its rules
            alike = [like for like, _ in _turn_by_turn(small, work, space, len(both))]
            each = statistics.median(_each(like) for like in alike)
            rest = statistics.median(_each(other) for _, other in both) / each
            note += (
                f"; {rest:.3g} x over plain {small.name}, with "
                f"{alike[-1].evaluated:.3g} evaluated"
            )
        entries.append(
            Entry(
                "cost per candidate evaluated, over plain W3",
                name,
                statistics.median(ratios),
                "x",
                target=_MOST_MORE,
                limit=True,
                note=note,
            )
        )
    return entries


def _turn_by_turn(
    plain: Workload, other: Workload, space: SearchSpace, repeats: int
) -> list[tuple[Pass, Pass]]:
    base = space_of(plain, "preset")
    screen(plain, base)
    screen(other, space)
    return [(screen(plain, base), screen(other, space)) for _ in range(repeats)]


def _each(done: Pass) -> float:
    return done.cpu / done.evaluated


def _each_scanned(done: Pass) -> float:
    return done.scan / done.evaluated


def _best_of(
    work: Workload, space: SearchSpace, precision: Precision, repeats: int
) -> tuple[Pass, float | None]:
    """Return the run of median time after a first one, and its share of the product.

    The rate of the product is timed just before and just after each run.
    """
    screen(work, space, precision=precision)
    runs = []
    for _ in range(repeats):
        before = gemm_rate(precision)
        done = screen(work, space, precision=precision)
        rate = (before + gemm_rate(precision)) / 2
        share = None if done.flops is None else done.flops / done.cpu / rate
        runs.append((done, share))
    runs.sort(key=lambda run: run[0].cpu)
    return runs[len(runs) // 2]
