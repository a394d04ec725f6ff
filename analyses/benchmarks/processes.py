"""What needs processes of its own: memory, and the first call on a new machine."""

from __future__ import annotations

import tempfile
from typing import Final

from clocks import in_child
from entries import Entry
from workloads import ARITHMETIC

_MEGABYTE: Final = 1e6
_FIRST: Final = 10.0
_LATER: Final = 1.0


def memory(*, quick: bool) -> list[Entry]:
    """Measure the peak above the memory after the imports."""
    columns = "3" if quick else "6"
    whole = in_child("child.py", ["memory", "W3", columns, "fit"])
    entries = [
        Entry(
            "peak memory above that after the imports",
            "W3, whole fit, 2 terms, SIS 1000",
            whole["peak"] - whole["before"],
            "bytes",
            190 * _MEGABYTE,
            100 * _MEGABYTE,
            note=f"after the imports {whole['before'] / _MEGABYTE:.0f} MB",
        )
    ]
    least = in_child("child.py", ["memory", "W3", "2", "fit"])
    entries.append(
        Entry(
            "peak memory above that after the imports",
            "W3, 2 columns, whole fit",
            least["peak"] - least["before"],
            "bytes",
            note="what a search takes of any size: compiled code, work space",
        )
    )
    for operators in (("*",), ARITHMETIC):
        one = in_child("child.py", ["memory", "W3", columns, "screen", *operators])
        entries.append(
            Entry(
                "peak memory above that after the imports",
                f"W3, screening, last rung of {' '.join(operators)}",
                one["peak"] - one["before"],
                "bytes",
                note=(
                    f"{one['nominal']:.3g} candidates; the stored rungs hold "
                    f"{one['stored'] / _MEGABYTE:.0f} MB"
                ),
            )
        )
    return entries


def start(*, quick: bool) -> list[Entry]:  # noqa: ARG001
    """Time the imports and the first fit, without and with compiled code on disk."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"NUMBA_CACHE_DIR": folder}
        cold = in_child("child.py", ["start"], environment=environment)
        warm = in_child("child.py", ["start"], environment=environment)
    both = {
        clock: warm["imports"][clock] + warm["first"][clock]
        for clock in ("cpu", "wall")
    }
    return [
        _started("imports", warm["imports"]),
        _started("first fit on a new machine", cold["first"], _FIRST),
        _started("first fit of a later process", warm["first"], _LATER),
        _started("imports and first fit of a later process", both),
        _started("second fit of a process", warm["second"]),
    ]


def _started(what: str, seconds: dict[str, float], most: float | None = None) -> Entry:
    return Entry(
        "imports and first fit (W1, default space)",
        what,
        seconds["cpu"],
        "s",
        target=most,
        note=f"{seconds['wall']:.2g} s by the clock",
    )
