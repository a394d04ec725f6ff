"""The versions that a result was made with."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Final

_PACKAGES: Final = (
    "hecsr", "numpy", "scipy", "pandas", "scikit-learn", "sympy", "matplotlib",
    "numba", "joblib", "shap", "typst", "pysr", "pyoperon",
)  # fmt: skip


def versions() -> Mapping[str, str]:
    """Return the versions of Python and of the packages that are there."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        # pyoperon has no wheels for some machines
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
