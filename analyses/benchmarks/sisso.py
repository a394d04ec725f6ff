"""How fast the sparse search is, against what it must reach.

``python analyses/benchmarks/sisso.py [--json FILE] [--only NAMES] [--quick]``

Floors and targets were stated for one core that multiplies matrices at 53 GFLOP/s.
Those of rates and seconds are scaled to the rate measured here, in the same process.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import fits
import gains
import processes
import rates
import ratios
import tuples
from entries import Entry, table
from machine import REFERENCE_DGEMM, describe, gemm_rate
from rich.console import Console
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PARTS: Final[dict[str, Callable[..., list[Entry]]]] = {
    "screening": rates.screening,
    "memory": processes.memory,
    "fits": fits.fits,
    "tuples": tuples.tuples,
    "threads": gains.threads,
    "growth": rates.growth,
    "start": processes.start,
    "answers": fits.answers,
    "cost": rates.cost,
    "reference": ratios.over_reference,
}
_QUICK: Final = ("screening", "fits", "tuples", "answers", "reference")


def main(words: Sequence[str] | None = None) -> int:
    """Run the parts asked for, print the table and write the figures."""
    options = _options(words)
    console = Console(width=None if sys.stdout.isatty() else 150)
    with threadpool_limits(limits=1, user_api="blas"):
        rates_of_product = {p: gemm_rate(p, 1.0) for p in ("float64", "float32")}
    about = {
        **describe(),
        "dgemm": rates_of_product["float64"],
        "sgemm": rates_of_product["float32"],
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": options.quick,
    }
    _head(console, about)
    parts = dict(_PARTS)
    if options.torchsisso:
        parts["torchsisso"] = partial(ratios.over_torchsisso, options.torchsisso)
    chosen = options.only or (_QUICK if options.quick else tuple(parts))
    entries: list[Entry] = []
    failed: dict[str, str] = {}
    for name in chosen:
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            with threadpool_limits(limits=1, user_api="blas"):
                made = parts[name](quick=options.quick)
        except Exception as error:  # noqa: BLE001
            # one part that fails does not take the figures of the others with it
            failed[name] = f"{type(error).__name__}: {error}"
            continue
        entries += [
            entry.bare() if options.quick else entry.on(about["dgemm"])
            for entry in made
        ]
    console.print(table(entries))
    for name, why in failed.items():
        console.print(f"[red]{name} failed[/red]: {why}")
    if options.json:
        figures = {
            "machine": about,
            "entries": [entry.as_json() for entry in entries],
            "failed": failed,
        }
        text = json.dumps(figures, indent=1) + "\n"
        options.json.write_text(text, encoding="utf-8")
    return 1 if failed else 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument(
        "--only",
        type=lambda text: tuple(text.split(",")),
        help=f"parts to run, with commas: {', '.join(_PARTS)}, torchsisso",
    )
    parser.add_argument(
        "--quick", action="store_true", help="small spaces, to see that it runs"
    )
    parser.add_argument(
        "--torchsisso",
        metavar="PYTHON",
        help="interpreter of an environment that has TorchSISSO",
    )
    options = parser.parse_args(words)
    known = {*_PARTS, *(["torchsisso"] if options.torchsisso else [])}
    wrong = [name for name in options.only or () if name not in known]
    if wrong:
        parser.error(f"unknown parts: {', '.join(wrong)}; known: {', '.join(known)}")
    return options


def _head(console: Console, about: dict[str, Any]) -> None:
    versions = ", ".join(f"{k} {v}" for k, v in about["versions"].items())
    load = "unknown" if about["load"] is None else f"{about['load']:.1f}"
    console.print(
        f"{about['processor']}, {about['cores']} cores, {about['system']}; "
        f"load at the start {load}"
    )
    console.print(f"{'; '.join(about['blas'])}; {versions}")
    dgemm, sgemm = about["dgemm"] / 1e9, about["sgemm"] / 1e9
    console.print(
        f"Matrix product on one core: {dgemm:.1f} GFLOP/s in float64, {sgemm:.1f} in "
        f"float32. Floors and targets of rates and seconds are those stated for "
        f"{REFERENCE_DGEMM / 1e9:.0f} GFLOP/s, times "
        f"{about['dgemm'] / REFERENCE_DGEMM:.2f} (seconds: over). One core, warm, "
        "processor time, float64 unless said."
    )
    if about["quick"]:
        console.print("Quick run: small spaces, no floors.")


if __name__ == "__main__":
    sys.exit(main())
