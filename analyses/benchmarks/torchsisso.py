"""TorchSISSO on a table, for an interpreter that has it: prints seconds and error.

``python torchsisso.py TABLE.npz`` with arrays `values`, `target`, `operators` and the
numbers `expansions`, `terms`, `sis`. Nothing of this project is imported.
"""

from __future__ import annotations

import contextlib
import io
import json
import statistics
import sys
import time
from importlib.metadata import version

import numpy as np
import pandas as pd
import torch  # type: ignore[import-not-found]
from TorchSisso import SissoModel  # type: ignore[import-not-found]


def main(path: str) -> None:
    """Run TorchSISSO once and then three times more, on one thread."""
    torch.set_num_threads(1)
    given = np.load(path)
    values, target = given["values"], given["target"]
    frame = pd.DataFrame(
        values, columns=[f"f{i + 1:02d}" for i in range(len(values.T))]
    )
    frame.insert(0, "y", target)
    taken = []
    for _ in range(4):
        model = SissoModel(
            data=frame.copy(),
            operators=[str(o) for o in given["operators"]],
            n_expansion=int(given["expansions"]),
            n_term=int(given["terms"]),
            k=int(given["sis"]),
        )
        wall, cpu = time.perf_counter(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            error = model.fit()[0]
        taken.append((time.process_time() - cpu, time.perf_counter() - wall))
    found = {
        "cpu": statistics.median(cpu for cpu, _ in taken[1:]),
        "wall": statistics.median(wall for _, wall in taken[1:]),
        "rmse": float(error),
        "versions": {
            "TorchSisso": version("TorchSisso"),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
