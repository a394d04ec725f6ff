"""What every part of a run depends on, so that parts of another are not taken."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hecsr.config import Analysis

# Packages whose version may change a digit.
_NUMERICS: Final = (
    "hecsr", "numpy", "scipy", "pandas", "scikit-learn", "numba", "llvmlite",
    "joblib", "shap", "pyoperon", "pysr",
)  # fmt: skip

# Told in words or drawn, and no part of any result.
_WORDS: Final = {"title", "question", "explain"}
_DATA_WORDS: Final = {"notes", "target_label", "target_latex", "target_typst"}
# How often something is repeated: the key of a part says which repeat it is.
_COUNTS: Final = {"full", "repeats"}
_SHOWING: Final = {"report", "cli.py", "commands.py", "progress.py", "result.py"}


def context(analysis: Analysis, data: str, seed: int) -> str:
    """Return a text that is the same for runs whose finished parts may be shared.

    Parameters
    ----------
    data
        SHA-256 of the table.
    """
    left_out: Any = {"data": _DATA_WORDS, "validation": _COUNTS}
    settings = analysis.model_dump(
        mode="json", exclude=dict.fromkeys(_WORDS, True) | left_out
    )
    content = {"analysis": settings, "data": data, "seed": seed, **numerics()}
    return json.dumps(content, sort_keys=True)


def numerics() -> Mapping[str, str]:
    """Return the versions and machine on which the last digits of a result depend."""
    found = {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "machine": platform.machine(),
        "hecsr source": _source(),
    }
    for name in _NUMERICS:
        # pyoperon has no wheels for some machines
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


@cache
def _source() -> str:
    """Return a digest of the code and tables that compute; a version may lag behind."""
    root = Path(__file__).parents[1]
    found = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root)
        if path.suffix in {".py", ".csv"} and place.parts[0] not in _SHOWING:
            found.update(place.as_posix().encode())
            found.update(path.read_bytes())
    return found.hexdigest()[:16]
