"""Whether Operon can run on this machine."""

from __future__ import annotations

import platform
import sys
from importlib.util import find_spec

from hecsr.errors import EngineMissing


def available() -> str | None:
    """Return None if Operon can be started, or else in one line why not."""
    if find_spec("pyoperon") is not None:
        return None
    machine = platform.machine()
    wheels = {("linux", "x86_64"), ("darwin", "arm64")}
    if (sys.platform, machine) in wheels:
        return "the engine Operon is not installed; pip install pyoperon"
    return (
        f"the engine Operon is not to be had for {platform.system()} on {machine}; "
        "pyoperon has wheels for Linux on x86_64 and macOS on arm64"
    )


def check_available() -> None:
    """Refuse to go on without Operon.

    Raises
    ------
    EngineMissing
        With what :func:`available` says.
    """
    if (reason := available()) is not None:
        raise EngineMissing(reason)
