"""What a benchmark ran on, and how fast that multiplies matrices on one core."""

from __future__ import annotations

import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

Precision = Literal["float64", "float32"]
REFERENCE_DGEMM: Final = 53e9
"""Rate of the machine that the floors and targets were stated for, in flop/s."""
_SIDE: Final = 1024


def gemm_rate(precision: Precision = "float64", seconds: float = 0.4) -> float:
    """Return the best rate of a large square matrix product, in flop/s.

    Call it with one BLAS thread. The best of many is the least disturbed by whatever
    else the machine does.
    """
    left, right, out = _matrices(precision)
    np.dot(left, right, out=out)
    best, spent = 0.0, 0.0
    while spent < seconds:
        start = time.process_time()
        np.dot(left, right, out=out)
        taken = time.process_time() - start
        spent += taken
        best = max(best, 2 * _SIDE**3 / taken)
    return best


def gemm_gain(seconds: float = 0.4) -> float:
    """Return how much faster two threads multiply matrices than one, by the clock.

    What a machine shared with others leaves of its cores limits every search too.
    """
    one = _products_per_second(1, seconds)
    return _products_per_second(2, seconds) / one


def _products_per_second(threads: int, seconds: float) -> float:
    left, right, _ = _matrices("float64")
    outs = [np.empty_like(left) for _ in range(threads)]
    end = time.perf_counter() + seconds

    def multiply(out: Any) -> float:
        start, done = time.perf_counter(), 0
        while time.perf_counter() < end:
            np.dot(left, right, out=out)
            done += 1
        return done / (time.perf_counter() - start)

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(multiply, outs))


@cache
def _matrices(precision: Precision) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(0)
    left, right = random.normal(size=(2, _SIDE, _SIDE)).astype(precision)
    return left, right, np.empty_like(left)


def describe() -> dict[str, Any]:
    """Return the machine, the libraries and their versions."""
    import numba
    import scipy
    import sklearn
    from threadpoolctl import threadpool_info

    import hecsr

    blas = [b for b in threadpool_info() if b["user_api"] == "blas"]
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "blas": sorted(
            {f"{b['internal_api']} {b['version']} {b['architecture']}" for b in blas}
        ),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": numba.__version__,
            "scipy": scipy.__version__,
            "scikit-learn": sklearn.__version__,
            "hecsr": hecsr.__version__,
        },
    }


def _processor() -> str:
    """Name the processor; some virtual machines hide the model and tell the family."""
    known: dict[str, str] = {}
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8").split("\n\n")[0].splitlines():
            key, _, value = line.partition(":")
            known[key.strip()] = value.strip()
    name = known.get("model name") or platform.processor() or "unknown"
    if "model" in known:
        name += f" (family {known.get('cpu family')}, model {known['model']})"
    return name
