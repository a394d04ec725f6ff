"""Find Julia where PySR would find it, without starting or installing anything."""

from __future__ import annotations

import json
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAME: Final = "julia.exe" if os.name == "nt" else "julia"
HOW: Final = (
    '`python -c "import pysr"` installs one, or juliaup '
    "(https://github.com/JuliaLang/juliaup), or the option install=True"
)
"""How to get a Julia, for the end of a message."""


def available() -> str | None:
    """Return None if PySR can be started, or else in one line why not.

    Nothing is imported: PySR's import starts Julia, and may install it.
    """
    if find_spec("pysr") is None:
        return "PySR is not installed; `pip install pysr` does it"
    if find_julia() is None:
        given = os.environ.get("PYTHON_JULIAPKG_EXE")
        where = f" at PYTHON_JULIAPKG_EXE={given}" if given else ""
        return f"PySR needs Julia, and none was found{where}; {HOW}"
    return None


def find_julia(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the path of the Julia that PySR would run, None if there is none.

    The rules are juliapkg's: an executable that is named, the one it recorded or
    installed in its project, juliaup's, the one on the path. juliaup's own folder is
    looked into even when it is not on the path.
    """
    env = os.environ if environment is None else environment
    path = env.get("PATH")
    pair = env.get("PYTHON_JULIACALL_EXE"), env.get("PYTHON_JULIACALL_PROJECT")
    for named in (pair[0] if pair[1] else None, env.get("PYTHON_JULIAPKG_EXE")):
        if named:
            # it was chosen, so that no other may stand in for it
            return shutil.which(named, path=path)
    places = [*_of_juliapkg(env), *_of_juliaup(env)]
    found = (shutil.which(str(place)) for place in places)
    return next(filter(None, found), None) or shutil.which("julia", path=path)


def beyond_juliapkg(environment: Mapping[str, str]) -> str | None:
    """Return a Julia that :func:`find_julia` sees and juliapkg would not."""
    found = find_julia(environment)
    path = environment.get("PATH")
    named = ("PYTHON_JULIACALL_EXE", "PYTHON_JULIAPKG_EXE")
    if found is None or any(environment.get(name) for name in named):
        return None
    if shutil.which("juliaup", path=path) or shutil.which("julia", path=path):
        return None
    known = {shutil.which(str(place)) for place in _of_juliapkg(environment)}
    return None if found in known else found


def _of_juliapkg(env: Mapping[str, str]) -> Iterator[Path]:
    prefix = _project(env) / "pyjuliapkg"
    recorded = _entry(prefix / "meta.json").get("executable")
    if isinstance(recorded, str):
        yield Path(recorded)
    yield prefix / "install" / "bin" / _NAME


def _project(env: Mapping[str, str]) -> Path:
    if given := env.get("PYTHON_JULIAPKG_PROJECT"):
        return Path(given)
    prefix = sys.prefix if sys.prefix != sys.base_prefix else env.get("CONDA_PREFIX")
    if prefix:
        return Path(prefix) / "julia_env"
    depot = (env.get("JULIA_DEPOT_PATH") or "").split(os.pathsep)[0]
    return (Path(depot) if depot else _home()) / "environments" / "pyjuliapkg"


def _of_juliaup(env: Mapping[str, str]) -> Iterator[Path]:
    given = env.get("JULIAUP_DEPOT_PATH")
    folder = (Path(given) if given else _home()) / "juliaup"
    # its launcher knows which version is the default
    yield Path.home() / ".juliaup" / "bin" / _NAME
    versions = _entry(folder / "juliaup.json").get("InstalledVersions")
    for version in versions.values() if isinstance(versions, dict) else ():
        if isinstance(version, dict):
            if isinstance(binary := version.get("BinaryPath"), str):
                yield folder / binary
            elif isinstance(place := version.get("Path"), str):
                yield folder / place / "bin" / _NAME


def _home() -> Path:
    return Path.home() / ".julia"


def _entry(file: Path) -> dict[str, object]:
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
