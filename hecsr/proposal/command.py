"""`hecsr init`: a proposed analysis on disk, and what is said about it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hecsr.errors import OutputError
from hecsr.outputs import refuse_overwriting
from hecsr.proposal.propose import propose
from hecsr.proposal.writing import bullets


def propose_file(
    table: Path,
    target: str,
    output: Path | None = None,
    *,
    composition: str | None = None,
    force: bool = False,
) -> str:
    """Write a proposed analysis beside its table; return what to tell the user.

    Parameters
    ----------
    output
        The TOML file; by default the name of the table with the ending ``.toml``.
    force
        Whether a file that is there already is replaced.

    Raises
    ------
    OutputError
        If the file is there already, or cannot be written.
    HecsrError
        As :func:`hecsr.proposal.propose.propose`.
    """
    path = output or table.with_suffix(".toml")
    refuse_overwriting({"the table": table}, {"--output": path})
    _check(path, force=force)
    proposal = propose(table, target, composition=composition, folder=path.parent)
    _write(path, proposal.text, force=force)
    said = [f"proposed {path}", bullets(proposal.found)]
    if proposal.undecided:
        said += ["not decided, look at these:", bullets(proposal.undecided)]
    said.append(f"next: read {path}, then hecsr run {path}")
    return "\n".join(said)


def _check(path: Path, *, force: bool) -> None:
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file with --output")
    if path.exists() and not force:
        msg = "give another name with --output, or replace it with --force"
        raise OutputError(f"{path} is there already; {msg}")


def _write(path: Path, text: str, *, force: bool) -> None:
    """Write a file, whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        temporary.chmod(0o644)
        # it may have appeared since it was looked for
        _check(path, force=force)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
