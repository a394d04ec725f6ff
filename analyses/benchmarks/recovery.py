"""How often the sparse search finds a planted law again, and how long it takes.

``python analyses/benchmarks/recovery.py [--laws N] [--noise 0,0.02] [--json FILE]
[--figure FOLDER]``

Without noise a law counts as recovered if the formula agrees with it on 10,000 fresh
samples to 1e-6 of its standard deviation. With noise each term of the law must
correlate with one of the formula's beyond 1 - 1e-9 there: the same terms up to a factor
and a constant. A sum may be written in several ways (a + b and b as a and b), so that
formulas whose terms span those of the law are counted beside.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import asdict, dataclass
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from clocks import timed
from laws import Law, correlation, planted_laws, random_laws
from machine import describe
from rich.console import Console
from rich.table import Table
from searching import fit, space_of
from workloads import NOISE

from hecsr.formula.expression import evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.formula.formula import Formula
    from hecsr.search.sisso.estimator import SissoRegressor


@dataclass(frozen=True)
class Method:
    """Settings of a search; those of one label make one curve of the figure."""

    label: str
    sis: int
    n_residuals: int = 1
    beam: int = 0

    @property
    def setting(self) -> str:
        """What tells it from the others of its label."""
        words = [f"SIS {self.sis}"]
        if self.n_residuals > 1:
            words.append(f"{self.n_residuals} residuals")
        if self.beam:
            words.append(f"beam {self.beam}")
        return ", ".join(words)


METHODS: Final = (
    Method("SISSO", 50),
    Method("SISSO", 200),
    Method("SISSO", 1000),
    Method("several residuals", 200, n_residuals=2),
    Method("several residuals", 200, n_residuals=5),
    Method("swap refinement", 50, beam=1),
    Method("swap refinement", 50, beam=4),
    Method("swap refinement", 50, beam=16),
)
"""In the order of the curves; plain SISSO keeps one residual and swaps nothing."""

_AGREEMENT: Final = 1e-6
_SAME_TERM: Final = 1e-9


@dataclass(frozen=True)
class Trial:
    """One law searched by one method.

    Attributes
    ----------
    contained
        Whether the terms found span those of the law, so that with other
        coefficients the formula is the law.
    """

    law: str
    terms: int
    noise: float
    method: Method
    recovered: bool
    contained: bool
    seconds: float
    planted: str
    found: str


def main(words: Sequence[str] | None = None) -> int:
    """Run all methods on all laws, print the rates, write figures as asked."""
    options = _options(words)
    console = Console(width=None if sys.stdout.isatty() else 120)
    noises = [float(x) for x in options.noise.split(",")]
    methods = [m for m in METHODS if not options.only or m.label in options.only]
    _warm(methods)
    trials = []
    for noise in noises:
        laws = random_laws(options.laws, noise, options.seed)
        if not options.no_workloads and noise == NOISE:
            laws += planted_laws()
        for number, law in enumerate(laws, start=1):
            print(
                f"noise {noise:g}: {law.work.name} ({number} of {len(laws)})",
                file=sys.stderr,
                flush=True,
            )
            trials += [attempt(law, method, noise) for method in methods]
    console.print(_table(trials, methods, noises))
    rates = [rate(trials, m, noise) for noise in noises for m in methods]
    if options.json:
        figures = {
            "machine": describe(),
            "laws": {"random": options.laws, "seed": options.seed},
            "rates": [asdict(r) for r in rates],
            "trials": [asdict(trial) for trial in trials],
        }
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if options.figure:
        from recovery_figure import draw, save

        save(draw(rates), options.figure)
    return 0


def attempt(law: Law, method: Method, noise: float) -> Trial:
    """Search a law and see whether it was found."""
    work = law.work
    run = partial(
        fit,
        work,
        space_of(work, "default"),
        sis=method.sis,
        n_residuals=method.n_residuals,
        beam=method.beam,
    )
    estimator, taken = timed(run)
    formula = _formula(estimator, len(law.terms))
    agrees = same_terms if noise else same_values
    return Trial(
        law=work.name,
        terms=len(law.terms),
        noise=noise,
        method=method,
        recovered=agrees(law, formula),
        contained=same_span(law, formula),
        seconds=taken.cpu,
        planted=str(law),
        found=formula.to_text(),
    )


def same_values(law: Law, formula: Formula) -> bool:
    """Whether a formula agrees with a law on fresh samples."""
    truth = law.truth
    apart = np.abs(formula.evaluate(law.fresh) - truth).max()
    return bool(apart <= _AGREEMENT * truth.std())


def same_terms(law: Law, formula: Formula) -> bool:
    """Whether a formula has the terms of a law, up to factors and constants."""
    if len(formula.terms) != len(law.terms):
        return False
    wanted = [evaluate(term, law.fresh) for term in law.terms]
    found = [evaluate(t, law.fresh, formula.constants) for t in formula.terms]
    return any(
        all(
            correlation(x, y) > 1 - _SAME_TERM
            for x, y in zip(wanted, order, strict=True)
        )
        for order in permutations(found)
    )


def same_span(law: Law, formula: Formula) -> bool:
    """Whether each term of a law is a combination of those of a formula."""
    found = [evaluate(t, law.fresh, formula.constants) for t in formula.terms]
    basis = np.column_stack([np.ones(len(law.truth)), *found])
    if not np.isfinite(basis).all():
        return False
    basis = np.linalg.qr(basis / np.abs(basis).max(axis=0))[0]
    for term in law.terms:
        value = evaluate(term, law.fresh)
        rest = value - basis @ (basis.T @ value)
        if rest @ rest > _SAME_TERM * np.sum((value - value.mean()) ** 2):
            return False
    return True


@dataclass(frozen=True)
class Rate:
    """How many of the random laws a method recovers, and its median seconds."""

    method: Method
    noise: float
    recovered: int
    contained: int
    laws: int
    seconds: float


def rate(trials: Sequence[Trial], method: Method, noise: float) -> Rate:
    """Count what a method recovered of the random laws."""
    own = [
        t
        for t in trials
        if t.method == method and t.noise == noise and not t.law.startswith("W")
    ]
    seconds = statistics.median(t.seconds for t in own) if own else float("nan")
    return Rate(
        method,
        noise,
        sum(t.recovered for t in own),
        sum(t.contained for t in own),
        len(own),
        seconds,
    )


def _formula(estimator: SissoRegressor, limit: int) -> Formula:
    """Return the formula of so many terms; an exact one ends a front before."""
    front = [p for p in estimator.front_ if p.limit <= limit]
    return front[-1].formula


def _warm(methods: Sequence[Method]) -> None:
    """Load what is compiled, so that the first law does not pay for it."""
    law = random_laws(1, 0.0)[0]
    for label in dict.fromkeys(m.label for m in methods):
        attempt(law, next(m for m in methods if m.label == label), 0.0)


def _table(
    trials: Sequence[Trial], methods: Sequence[Method], noises: Sequence[float]
) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("search")
    shown.add_column("setting")
    named = list(dict.fromkeys(t.law for t in trials if t.law.startswith("W")))
    for noise in noises:
        head = f"noise {100 * noise:g} %"
        shown.add_column(f"{head}\nrecovered", justify="right")
        if noise:
            shown.add_column("\nwith the span", justify="right")
        shown.add_column("\nmedian s", justify="right")
        for name in named if noise == NOISE else ():
            shown.add_column(f"\n{name}", justify="right")
    label = ""
    for method in methods:
        cells = []
        for noise in noises:
            one = rate(trials, method, noise)
            cells.append(f"{one.recovered} of {one.laws}")
            if noise:
                cells.append(f"{one.contained}")
            cells.append(f"{one.seconds:.3g}")
            for name in named if noise == NOISE else ():
                trial = next(
                    t
                    for t in trials
                    if (t.law, t.noise, t.method) == (name, noise, method)
                )
                cells.append(
                    f"{'yes' if trial.recovered else 'no'}, {trial.seconds:.2g} s"
                )
        first = "" if method.label == label else method.label
        label = method.label
        shown.add_row(first, method.setting, *cells)
    return shown


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--laws", type=int, default=30, help="random laws (30)")
    parser.add_argument(
        "--noise",
        default="0,0.02",
        help="shares of the law's standard deviation, with commas (0,0.02)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random laws (0)")
    parser.add_argument(
        "--only",
        type=lambda text: tuple(text.split(",")),
        help=f"of {', '.join(dict.fromkeys(m.label for m in METHODS))}",
    )
    parser.add_argument(
        "--no-workloads", action="store_true", help="leave out the laws of W2 and W3"
    )
    parser.add_argument("--json", type=Path, help="where to write every trial")
    parser.add_argument("--figure", type=Path, help="folder for the figure")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
