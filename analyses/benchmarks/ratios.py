"""Ratios: over the readable reference, and over TorchSISSO."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import reference
from clocks import in_child, median_cpu
from entries import Entry
from searching import fit, rmse, space_of
from workloads import workload

_OPERATORS: Final = ("+", "-", "*", "/", "sqrt", "^2")
_TORCH: Final = {"sqrt": "pow(1/2)", "^2": "pow(2)", "^3": "pow(3)", "log": "ln"}
_ONE_THREAD: Final = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
_SAME: Final = 1e-9


def over_reference(*, quick: bool) -> list[Entry]:
    """Time a small space against the plain enumeration, which must agree."""
    columns, sis = (4, 10) if quick else (6, 20)
    work = replace(workload("W1").first(columns), operators=_OPERATORS)
    space = space_of(work, "preset")
    plain, slow = median_cpu(lambda: reference.search(work, sis=sis, terms=2), 1)
    fit(work, space, sis=sis)
    found, fast = median_cpu(lambda: fit(work, space, sis=sis), 1 if quick else 9)
    errors = [rmse(work, found, limit) for limit in (1, 2)]
    agree = np.allclose(errors, plain.rmse, rtol=_SAME, atol=0)
    return [
        Entry(
            "over the readable reference",
            f"{work.name}, SIS {sis}, 2 terms, whole fit",
            slow / fast,
            "x",
            note=(
                f"{slow:.3g} s over {fast:.3g} s; {plain.candidates:.3g} candidates, "
                f"{plain.models} models; the answers "
                f"{'agree' if agree else f'DIFFER: {plain.rmse} and {errors}'}"
            ),
        )
    ]


def over_torchsisso(python: str, *, quick: bool) -> list[Entry]:
    """Time W1 against TorchSISSO in an environment of its own, one thread each."""
    work = workload("W1")
    space = space_of(work, "preset")
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.npz"
        np.savez(
            table,
            values=work.values,
            target=work.target,
            operators=[_TORCH.get(o, o) for o in work.operators],
            expansions=work.rungs + 1,
            terms=work.terms,
            sis=work.sis,
        )
        theirs = in_child(
            "torchsisso.py", [str(table)], python=python, environment=_ONE_THREAD
        )
    fit(work, space)
    found, fast = median_cpu(lambda: fit(work, space), 1 if quick else 9)
    versions = ", ".join(f"{k} {v}" for k, v in theirs["versions"].items())
    return [
        Entry(
            "over TorchSISSO",
            f"{work.name}, SIS {work.sis}, {work.terms} terms, whole fit",
            theirs["cpu"] / fast,
            "x",
            note=(
                f"{theirs['cpu']:.3g} s over {fast:.3g} s; errors "
                f"{theirs['rmse']:.7f} and {rmse(work, found, 2):.7f}; {versions}"
            ),
        )
    ]
