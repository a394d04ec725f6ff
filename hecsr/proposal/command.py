"""`hecsr init`: a proposed analysis on disk, and what is said about it."""

from __future__ import annotations

import os
import shlex
import stat
import tempfile
from pathlib import Path

from hecsr.errors import OutputError, TableError
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
        If the file is there already or is the table, or cannot be written.
    TableError
        If there is no such table.
    HecsrError
        As :func:`hecsr.proposal.propose.propose`.
    """
    _is_table(table)
    path = output or table.with_suffix(".toml")
    try:
        _check(path, table, force=force)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    proposal = propose(table, target, composition=composition, folder=path.parent)
    _write(path, proposal.text, table, force=force)
    said = [f"proposed {path}", bullets(proposal.found)]
    if proposal.undecided:
        said += ["not decided, look at these:", bullets(proposal.undecided)]
    said.append(f"next: read {path}, then hecsr run {shlex.quote(str(path))}")
    return "\n".join(said)


def _is_table(table: Path) -> None:
    advice = "give a table, as my.csv"
    try:
        what = table.stat().st_mode
    except FileNotFoundError:
        raise TableError(f"there is no file '{table}'; {advice}") from None
    except (OSError, ValueError) as error:
        # the file's name may be too long, or hold what no name can
        reason = getattr(error, "strerror", None) or error
        raise TableError(f"'{table}' cannot be read: {reason}; {advice}") from error
    if stat.S_ISDIR(what):
        raise TableError(f"'{table}' is a folder; {advice}")
    if not stat.S_ISREG(what):
        raise TableError(f"'{table}' is no file; {advice}")


def _check(path: Path, table: Path, *, force: bool) -> None:
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file with --output")
    # no --force means that: the table may be the only copy of the data
    refuse_overwriting({"the table": table}, {"--output": path})
    if path.exists() and not force:
        msg = "give another name with --output, or replace it with --force"
        raise OutputError(f"{path} is there already; {msg}")


def _write(path: Path, text: str, table: Path, *, force: bool) -> None:
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
        _check(path, table, force=force)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
