"""Which engine finds which law of materials science again.

``python analyses/benchmarks/engines.py [--laws NAMES] [--noise 0,0.02,0.05]
[--seeds 3] [--engines NAMES] [--json FILE] [--figure FOLDER] [--quick]``

What counts is the formula that an engine chose by its own inner cross-validation.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from contestants import CONTESTANTS
from engines_table import about_engines, by_law
from machine import describe
from materials import LAWS, chosen
from rich.console import Console
from trials import Task, run

if TYPE_CHECKING:
    from collections.abc import Sequence

QUICK: Final = (
    "Hall-Petch",
    "Omega",
    "Coble-Kingery",
    "Arrhenius",
    "Nix-Gao",
    "solid solution",
    "nothing, numbers",
)


def main(words: Sequence[str] | None = None) -> int:
    """Run the engines on the laws, print the tables, write figures as asked."""
    options = _options(words)
    console = Console(width=None if sys.stdout.isatty() else 150)
    absent = {c.name: c.missing() for c in CONTESTANTS if c.name in options.engines}
    here = [name for name, why in absent.items() if not why]
    # slow engines of a law beside each other, so that no core waits long at the end
    tasks = [
        Task(law.name, noise, seed, name)
        for law in chosen(options.laws)
        for seed in range(options.seeds)
        for noise in options.noise
        for name in here
    ]
    start = time.perf_counter()
    trials = []
    for number, trial in enumerate(run(tasks, options.jobs), start=1):
        trials.append(trial)
        done = trial.task
        if number == len(tasks) or tasks[number].law != done.law:
            print(f"{done.law} ({number} of {len(tasks)})", file=sys.stderr, flush=True)
    minutes = (time.perf_counter() - start) / 60
    console.print(by_law(trials))
    console.print()
    console.print(about_engines(trials))
    for name, why in absent.items():
        if why:
            console.print(f"{name} took no part: {why}")
    for trial in trials:
        if trial.verdict == "failed":
            console.print(f"{trial.task}: {trial.found}", markup=False)
    console.print(f"{len(trials)} fits in {minutes:.1f} min, {options.jobs} at once")
    if options.json:
        figures: dict[str, Any] = {
            "machine": describe(),
            "minutes": minutes,
            "jobs": options.jobs,
            "absent": {name: why for name, why in absent.items() if why},
            "laws": [
                {"name": law.name, "text": law.text, "source": law.source}
                for law in chosen(options.laws)
            ],
            "trials": [trial.as_json() for trial in trials],
        }
        text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
        options.json.write_text(text, encoding="utf-8")
    if options.figure:
        from engines_figure import draw, save

        save(draw(trials), options.figure)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    laws, engines = [law.name for law in LAWS], [c.name for c in CONTESTANTS]
    parser.add_argument(
        "--laws", type=_names, help=f"names, with semicolons: {'; '.join(laws)}"
    )
    parser.add_argument(
        "--noise",
        type=lambda text: [float(share) for share in text.split(",")],
        help="shares of the law's standard deviation, with commas (0,0.02,0.05; "
        "quick: 0,0.05)",
    )
    parser.add_argument(
        "--seeds", type=int, help="tables drawn of each law (3; quick: 1)"
    )
    parser.add_argument(
        "--engines",
        type=_names,
        default=engines,
        help=f"names, with semicolons: {'; '.join(engines)}",
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="fits at once (cores)"
    )
    parser.add_argument("--json", type=Path, help="where to write every trial")
    parser.add_argument("--figure", type=Path, help="folder for the figure")
    parser.add_argument(
        "--quick", action="store_true", help="few laws, to see that everything runs"
    )
    options = parser.parse_args(words)
    for kind, known in (("laws", laws), ("engines", engines)):
        wrong = [name for name in getattr(options, kind) or () if name not in known]
        if wrong:
            parser.error(
                f"unknown {kind}: {'; '.join(wrong)}; known: {'; '.join(known)}"
            )
    options.seeds = options.seeds or (1 if options.quick else 3)
    options.noise = options.noise or (
        [0.0, 0.05] if options.quick else [0.0, 0.02, 0.05]
    )
    options.laws = options.laws or (QUICK if options.quick else None)
    return options


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(";")]


if __name__ == "__main__":
    sys.exit(main())
