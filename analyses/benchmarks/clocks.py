"""Timing, memory and child processes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Result = TypeVar("Result")
HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Taken:
    """Seconds of one run: of the processor (all threads), and of the clock."""

    cpu: float
    wall: float


def timed(work: Callable[[], Result]) -> tuple[Result, Taken]:
    """Run something once and time it."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, Taken(time.process_time() - cpu, time.perf_counter() - wall)


def median_cpu(work: Callable[[], Result], repeats: int) -> tuple[Result, float]:
    """Return the last result and the median of the processor seconds."""
    runs = [timed(work) for _ in range(repeats)]
    return runs[-1][0], statistics.median(taken.cpu for _, taken in runs)


def resident_bytes(*, peak: bool) -> int:
    """Return the memory of this process now, or the most that it ever was.

    ``ru_maxrss`` is not used where this can be read: a child is born with the peak
    of its parent there.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        wanted = "VmHWM:" if peak else "VmRSS:"
        for line in status.read_text("utf-8").splitlines():
            if line.startswith(wanted):
                return int(line.split()[1]) * 1024
    import resource

    # bytes on macOS, kilobytes elsewhere
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def in_child(
    script: str,
    words: Sequence[str],
    *,
    python: str = sys.executable,
    environment: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Run a script of this folder in a process of its own; return what it printed.

    The last line of its output is JSON.

    Raises
    ------
    RuntimeError
        If the script fails, with the last of what it wrote.
    """
    done = subprocess.run(  # noqa: S603
        [python, str(HERE / script), *words],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-5:])
        msg = f"{script} {' '.join(words)} failed: {last}"
        raise RuntimeError(msg)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
