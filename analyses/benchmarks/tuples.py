"""The exhaustive searches: models per second of two, three and four terms."""

from __future__ import annotations

from functools import partial
from math import comb
from typing import TYPE_CHECKING, Final

import numpy as np
from clocks import median_cpu
from entries import Entry
from searching import exhaustive, pool_of
from workloads import workload

if TYPE_CHECKING:
    from workloads import Array

_SETTINGS: Final = (
    # workload, terms, features of the pool, floor and target in models per second
    ("W1", 2, 4000, 2e8, 4e8),
    ("W2", 2, 4000, 2e8, 4e8),
    ("W2", 3, 2000, 2e9, 4e9),
    ("W2", 4, 450, 1.5e9, 3e9),
)
_QUICK: Final = {2: 600, 3: 200, 4: 60}
_STRIP: Final = 128


def tuples(*, quick: bool) -> list[Entry]:
    """Time the exhaustive search of the best features, Gram matrix and refits in."""
    entries = []
    for name, size, full, floor, wanted in _SETTINGS:
        work = workload(name)
        members = _QUICK[size] if quick else full
        pool = pool_of(work, members)
        exhaustive(work, pool, size)
        repeats = 1 if quick else 5
        _, seconds = median_cpu(partial(exhaustive, work, pool, size), repeats)
        _, products = median_cpu(partial(_gram, pool.rows), repeats)
        entries.append(
            Entry(
                "exhaustive search, models",
                f"{size} of {members} features of {len(work.target)} samples",
                comb(members, size) / seconds,
                "/s",
                floor,
                wanted,
                scaled=True,
                note=f"{seconds:.2g} s; the Gram matrix alone {products:.2g} s",
            )
        )
    return entries


def _gram(rows: Array) -> None:
    """Multiply what is on and above the diagonal, strip by strip."""
    for top in range(0, len(rows), _STRIP):
        np.dot(rows[top : top + _STRIP], rows[top:].T)
