"""What a benchmark measures in a process of its own; prints a line of JSON.

``python child.py memory WORKLOAD COLUMNS fit|screen [OPERATOR ...]``: the memory that a
search takes above that after the imports; the operators are those of the last rung.
``python child.py start``: seconds of the imports, of the first fit and of the second.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pkgutil import walk_packages
from typing import Any


def memory(
    name: str, columns: str, what: str, *last_operators: str
) -> dict[str, float | None]:
    """Return bytes after the imports and at the peak of a search."""
    from clocks import resident_bytes
    from searching import fit, last_rung, screen, space_of
    from workloads import workload

    import hecsr.search.sisso

    # the compiled parts are imported late otherwise, and would count as the search's
    for module in walk_packages(hecsr.search.sisso.__path__, "hecsr.search.sisso."):
        import_module(module.name)
    before = resident_bytes(peak=False)
    work = workload(name).first(int(columns))
    space = space_of(work, "preset")
    if last_operators:
        space = last_rung(space, last_operators)
    found: dict[str, float | None] = {"before": before}
    if what == "fit":
        fit(work, space)
    else:
        done = screen(work, space)
        found["nominal"] = done.nominal
        found["stored"] = done.stored_bytes
        found["seconds"] = done.wall
    return {**found, "peak": resident_bytes(peak=True)}


def start() -> dict[str, dict[str, float]]:
    """Return seconds of the imports, of a first fit and of the same fit again."""
    began = _clocks()
    from hecsr import SissoRegressor

    found = {"imports": _since(began)}
    from workloads import workload

    work = workload("W1")
    for name in ("first", "second"):
        began = _clocks()
        SissoRegressor(inner_folds=0, max_terms=2).fit(work.values, work.target)
        found[name] = _since(began)
    return found


def _clocks() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _since(began: tuple[float, float]) -> dict[str, float]:
    now = _clocks()
    return {"cpu": now[0] - began[0], "wall": now[1] - began[1]}


if __name__ == "__main__":
    tasks: dict[str, Any] = {"memory": memory, "start": start}
    print(json.dumps(tasks[sys.argv[1]](*sys.argv[2:])))
