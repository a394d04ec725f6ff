"""A file that is written is none that is read, and no two are one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hecsr.errors import OutputError


def refuse_overwriting(
    read: Mapping[str, Path | None], written: Mapping[str, Path | None]
) -> None:
    """Refuse to write over a file that is read, or two outputs to one file.

    To be asked before any work is done. Links to one file are that file.

    Parameters
    ----------
    read
        Path by what it is to the user, as "the table"; None where there is none.
    written
        Path by option, as "--output".

    Raises
    ------
    OutputError
        Naming the option, the file and what else it is.
    """
    inputs = {what: path for what, path in read.items() if path is not None}
    outputs = [(option, path) for option, path in written.items() if path is not None]
    for i, (option, path) in enumerate(outputs):
        for what, other in inputs.items():
            if _same(path, other):
                msg = (
                    f"{option} {path} is {what} itself, which would be overwritten; "
                    f"give {option} another name"
                )
                raise OutputError(msg)
        for second, other in outputs[:i]:
            if _same(path, other):
                msg = (
                    f"{second} {other} and {option} {path} are one file, of which one "
                    "would be lost; give them different names"
                )
                raise OutputError(msg)


def _same(one: Path, other: Path) -> bool:
    try:
        if one.samefile(other):
            return True
    except OSError:
        pass  # one of them is not there yet
    try:
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError):
        return False  # a loop of links, which opening the file complains of
