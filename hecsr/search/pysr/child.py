"""What runs in the fresh interpreter: it starts PySR and works on what it is given.

A script by itself: nothing of this package is imported here. Its one argument is a
folder, where jobs arrive as folders ``job0``, ``job1``, ... with ``job.json`` written
last, and where each gets a ``result.json``, written last too. Nothing is read from
stdin, and PySR is fitted in the main thread.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PAUSE = 0.02


def main(folder: Path) -> None:
    """Serve jobs until the process is ended from outside, or its parent is gone."""
    parent = os.getppid()
    threading.Thread(target=_outlive, args=(parent,), daemon=True).start()
    try:
        # before numpy, whose libraries must not come first
        import pysr

        ready = {"version": version("pysr")}
    except BaseException as error:  # noqa: BLE001  whatever it is, it is told
        _write(folder / "ready.json", {"error": _line(error)})
        os._exit(1)
    _write(folder / "ready.json", ready)
    number = 0
    while True:
        job = folder / f"job{number}"
        while not (job / "job.json").exists():
            time.sleep(_PAUSE)
        _write(job / "result.json", work(job, pysr.PySRRegressor))
        number += 1


def work(job: Path, regressor: Any) -> dict[str, Any]:
    """Fit once; return the equations, or the error, in what JSON can hold."""
    import inspect

    asked = json.loads((job / "job.json").read_text(encoding="utf-8"))
    known = inspect.signature(regressor.__init__).parameters
    options = {k: v for k, v in asked["options"].items() if k in known}
    answer: dict[str, Any] = {"unsupported": sorted(asked["options"].keys() - options)}
    if options.get("constraints"):
        options["constraints"] = {
            k: tuple(v) if isinstance(v, list) else v
            for k, v in options["constraints"].items()
        }
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer["equations"] = _fitted(job, regressor(**options), asked["fit"])
        except Exception as error:  # noqa: BLE001  Julia's errors have no common base
            answer["error"] = _line(error)
    answer["warnings"] = sorted(
        {_line(w.message) for w in caught if issubclass(w.category, UserWarning)}
    )
    return answer


def _fitted(job: Path, model: Any, arguments: dict[str, Any]) -> list[list[Any]]:
    import numpy as np

    x = np.load(job / "X.npy", allow_pickle=False)
    y = np.load(job / "y.npy", allow_pickle=False)
    weights = job / "weights.npy"
    if weights.exists():
        arguments["weights"] = np.load(weights, allow_pickle=False)
    model.fit(x, y, **arguments)
    table = model.equations_
    predictions = np.full((len(table), len(y)), np.nan)
    for i in range(len(table)):
        # one equation that cannot be evaluated is no reason to lose the others
        try:
            predictions[i] = model.predict(x, index=i)
        except Exception as error:  # noqa: BLE001
            warnings.warn(f"no predictions of equation {i}: {error}", stacklevel=1)
    np.save(job / "predictions.npy", predictions, allow_pickle=False)
    return [
        [int(row.complexity), float(row.loss), str(row.equation)]
        for row in table.itertuples()
    ]


def _outlive(parent: int) -> None:
    """End this process when its parent is gone (where the system tells)."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _line(error: object) -> str:
    """Return the kind and the first line of an error."""
    text = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {text}"[:500]


def _write(file: Path, content: dict[str, Any]) -> None:
    """Write a file that is seen whole or not at all."""
    part = file.with_suffix(".part")
    part.write_text(json.dumps(content), encoding="utf-8")
    part.replace(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
