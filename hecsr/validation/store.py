"""Finished parts of long work on disk: whole or not there, and no more than needed."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from hecsr.errors import OutputError

Label = str | int | float | None

_FORMAT: Final = 1
_MARK: Final = "hecsr-parts.json"
# One context is one analysis on one table by one version; older ones make room.
_CONTEXTS: Final = 8
# A part is some kilobytes; one beyond this is made again rather than kept.
_BYTES: Final = 64_000_000


class Store:
    """A folder with a small JSON file for each finished part.

    Parameters
    ----------
    folder
        Made by :meth:`open`. Several analyses may share it.
    context
        What all parts depend on: settings, data, versions. A part that was made in
        another context is not found.
    """

    def __init__(self, folder: str | Path, context: str) -> None:
        self.folder = Path(folder)
        self.context = context

    @property
    def place(self) -> Path:
        """The folder, inside `folder`, of the parts of this context."""
        return self.folder / hashlib.sha256(self.context.encode()).hexdigest()[:16]

    def open(self) -> Store:
        """Make the folder, and room in it where many contexts have left parts.

        Raises
        ------
        OutputError
            If the folder cannot be written: better known before the work.
        """
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            self._written(self.place / _MARK, json.dumps({"format": _FORMAT}))
        except OSError as error:
            raise self._unwritable(error) from error
        # the mark, just written, makes this context the newest
        for old in _contexts(self.folder)[_CONTEXTS:]:
            shutil.rmtree(old, ignore_errors=True)
        return self

    def get(self, stage: str, key: tuple[Label, ...]) -> dict[str, Any] | None:
        """Return the record of a part; None if there is none or it is damaged."""
        try:
            content = json.loads(self._path(stage, key).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            return None
        mine = content.get("stage") == stage and content.get("key") == list(key)
        seconds = content.get("seconds")
        timed = isinstance(seconds, int | float) and 0 <= seconds < math.inf
        return content if mine and timed and "value" in content else None

    def put(
        self, stage: str, key: tuple[Label, ...], value: Any, seconds: float
    ) -> None:
        """Keep the result of a part; it is there wholly or not at all.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        content = {
            "format": _FORMAT,
            "stage": stage,
            "key": list(key),
            "seconds": seconds,
            "value": value,
        }
        # every digit of a number is kept; NaN stays NaN
        text = json.dumps(content)
        if len(text) > _BYTES:
            return
        path = self._path(stage, key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._written(path, text)
        except OSError as error:
            raise self._unwritable(error) from error

    def _written(self, path: Path, text: str) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        partial = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    def _path(self, stage: str, key: tuple[Label, ...]) -> Path:
        what = json.dumps([stage, *key])
        name = hashlib.sha256(what.encode()).hexdigest()[:32]
        return self.place / name[:2] / f"{name[2:]}.json"

    def _unwritable(self, error: OSError) -> OutputError:
        why = error.strerror or str(error)
        return OutputError(
            f"finished parts cannot be kept in {self.folder}: {why}; name another "
            "folder with --parts"
        )


def count_parts(folder: str | Path, *, newest: bool = False) -> int:
    """Return how many finished parts a folder holds, of whatever context.

    Parameters
    ----------
    newest
        Count those of the newest context alone: older ones, as of the analysis before
        it was changed, are of no use to it.
    """
    places = _contexts(Path(folder))[: 1 if newest else None]
    return sum(1 for place in places for _ in place.glob("*/*.json"))


def remove_parts(folder: str | Path) -> None:
    """Delete the finished parts in a folder, and it too if nothing else is in it."""
    root = Path(folder)
    for place in _contexts(root):
        shutil.rmtree(place, ignore_errors=True)
    with suppress(OSError):
        root.rmdir()


def _contexts(folder: Path) -> list[Path]:
    """Folders of parts, the newest first; nothing that is not ours."""
    found = []
    for path in folder.glob(f"*/{_MARK}"):
        # another run may be removing it
        with suppress(OSError):
            found.append((path.stat().st_mtime_ns, path.parent))
    return [place for _, place in sorted(found, reverse=True)]
