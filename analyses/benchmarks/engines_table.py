"""The tables of the comparison of engines: by law, and by engine."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

from planted import KINDS
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trials import Trial

MARKS: Final = {"recovered": "●", "in front": "◐", "near": "○", "failed": "!"}
NOTE: Final = (
    "tables on which the chosen formula is the law, of those drawn; ◐ another front "
    "held it, ○ another choice was near, ! an engine failed"
)


def by_law(trials: Sequence[Trial]) -> Table:
    """Return a row for each law, and a column for each engine and noise."""
    shown = Table(box=None, pad_edge=False, header_style="bold", caption=NOTE)
    shown.add_column("law")
    columns = columns_of(trials)
    before = ""
    for engine, noise in columns:
        head = engine if engine != before else ""
        shown.add_column(f"{head}\n{100 * noise:g} %", no_wrap=True)
        before = engine
    for kind in kinds_of(trials):
        shown.add_section()
        laws = dict.fromkeys(t.task.law for t in trials if t.kind == kind)
        for law in laws:
            cells = [_cell(part(trials, e, n, law=law)) for e, n in columns]
            shown.add_row(law, *cells)
        if len(laws) > 1:
            cells = [_count(part(trials, e, n, kind=kind)) for e, n in columns]
            shown.add_row(kind, *cells, style="bold")
        shown.add_row("")
    return shown


def about_engines(trials: Sequence[Trial]) -> Table:
    """Return a row for each engine and noise: what became of all its laws."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("engine")
    heads = ("noise", "recovered", "only in front", "near", "missed", "failed")
    more = ("irrelevant", "median R2", "complexity", "silent on nothing", "median s")
    for head in (*heads, *more):
        shown.add_column(head, justify="right")
    before = ""
    for engine, noise in columns_of(trials):
        every = part(trials, engine, noise)
        own = [t for t in every if t.kind != KINDS[-1]]
        nothing = [t for t in every if t.kind == KINDS[-1]]
        counts = [
            sum(t.verdict == kind for t in own)
            for kind in ("recovered", "in front", "near", "missed", "failed")
        ]
        r2 = [t.near.r2 for t in own if t.near and t.near.r2 is not None]
        # of numbers of the same scale: a formula's operators for each of the law's
        size = [t.complexity / t.simplest for t in own if t.near]
        shown.add_row(
            engine if engine != before else "",
            f"{100 * noise:g} %",
            f"{counts[0]}/{len(own)}",
            *map(str, counts[1:]),
            str(sum(bool(t.irrelevant) for t in own)),
            f"{statistics.median(r2):.4f}" if r2 else "",
            f"{statistics.median(size):.2f}" if size else "",
            _count(nothing) if nothing else "",
            f"{statistics.median(t.seconds for t in every):.3g}",
        )
        before = engine
    return shown


def columns_of(trials: Sequence[Trial]) -> list[tuple[str, float]]:
    """Return engines and noises, each engine with all its noises."""
    engines = dict.fromkeys(t.task.contestant for t in trials)
    noises = dict.fromkeys(t.task.noise for t in trials)
    return [(engine, noise) for engine in engines for noise in noises]


def kinds_of(trials: Sequence[Trial]) -> list[str]:
    """Return the kinds of laws that were tried."""
    found = {t.kind for t in trials}
    return [kind for kind in KINDS if kind in found]


def part(
    trials: Sequence[Trial],
    engine: str,
    noise: float,
    *,
    law: str | None = None,
    kind: str | None = None,
) -> list[Trial]:
    """Return the trials of an engine with one noise, of a law or of a kind."""
    return [
        t
        for t in trials
        if (t.task.contestant, t.task.noise) == (engine, noise)
        and law in (None, t.task.law)
        and kind in (None, t.kind)
    ]


def _count(trials: Sequence[Trial]) -> str:
    return f"{sum(t.verdict == 'recovered' for t in trials)}/{len(trials)}"


def _cell(trials: Sequence[Trial]) -> str:
    """Return the count, and the marks of what became of the others."""
    others = {t.verdict for t in trials} - {"recovered"}
    marks = "".join(mark for kind, mark in MARKS.items() if kind in others)
    return f"{_count(trials)} {marks}".rstrip()
