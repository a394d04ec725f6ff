"""Processes in which PySR runs: start them, give them work, end them.

PySR needs the main thread of a process that nobody forks, takes what comes on stdin
for commands, and leaves Ctrl-C to Julia. So it gets a fresh interpreter in a session
of its own, without stdin. All else goes through files in a private folder, which a
process that is killed half-way cannot spoil.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, Self

import numpy as np

from hecsr.errors import EngineMissing, FormulaError, SearchError
from hecsr.formula.expression import Array
from hecsr.search.pysr.julia import HOW, beyond_juliapkg
from hecsr.search.pysr.reading import Equation, read_table

_PAUSE: Final = 0.02
_GRACE: Final = 120.0
"""PySR looks at its clock between rounds, and compiles before the first."""
_CHILD: Final = Path(__file__).with_name("child.py")
_MOST_LOG: Final = 10_000

Ended = Literal["finished", "time", "interrupted"]


@dataclass(frozen=True)
class Settings:
    """How a process is started.

    Attributes
    ----------
    install
        Whether PySR may download Julia and its packages.
    start_seconds
        Time for the start. The first one of all compiles for some minutes.
    program
        The script that is run.
    """

    install: bool = False
    start_seconds: float = 3600.0
    program: Path = _CHILD


@dataclass(frozen=True, eq=False)
class Job:
    """One search: arrays, PySR's options, and what its fit is given beside them."""

    x: Array
    y: Array
    weights: Array | None
    options: Mapping[str, Any]
    fit: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Answer:
    """What a search gave.

    Attributes
    ----------
    ended
        Whether PySR came to its end, or was cut off by the clock or Ctrl-C; then
        these are the equations that it had by then.
    unsupported
        Options that this version of PySR does not know.
    warnings
        What PySR warned of.
    """

    equations: tuple[Equation, ...]
    ended: Ended = "finished"
    version: str = ""
    unsupported: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class PySRProcess:
    """One fresh interpreter that runs PySR, for one search after another."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="hecsr-pysr-"))
        self._jobs = 0
        self._version = ""
        with (self._folder / "log.txt").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  nothing of a user's in it
                # without -P the script's folder would shadow other modules
                [sys.executable, "-P", "-W", "ignore", str(settings.program),
                 str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=_environment(os.environ, install=settings.install),
                # Ctrl-C at the terminal is for this process alone
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )  # fmt: skip
        # also when nobody closes it, and at the end of this interpreter
        self._end = weakref.finalize(self, _end, self._process, self._folder)

    @property
    def alive(self) -> bool:
        """Whether another search may be run."""
        return self._end.alive and self._process.poll() is None

    def close(self) -> None:
        """End the process and remove its folder."""
        self._end()

    def search(
        self,
        job: Job,
        *,
        seconds: float | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Run one search.

        Parameters
        ----------
        seconds
            Time that PySR was told to take; some more is given before it is ended.
        stopped
            Asked now and then whether anybody still waits.

        Raises
        ------
        EngineMissing
            If PySR does not start.
        SearchError
            If it fails, ends, is stopped, or runs out of time with nothing found.
        KeyboardInterrupt
            At Ctrl-C with nothing found yet; the process is ended.
        """
        folder = self._folder / f"job{self._jobs}"
        ended: Ended
        try:
            self._started(stopped)
            self._jobs += 1
            _write_job(folder, job)
            limit = None if seconds is None else seconds + _GRACE
            if self._wait(folder / "result.json", limit, stopped):
                return replace(_read_answer(folder), version=self._version)
            ended = "time"
        except _ProcessEndedError as error:
            raise SearchError(f"PySR failed: {error}") from None
        except KeyboardInterrupt:
            # a second Ctrl-C from here on is left to the finalizer
            ended = "interrupted"
        _kill(self._process)
        equations = _found_so_far(folder)
        self.close()
        if equations:
            return Answer(equations, ended, self._version)
        if ended == "interrupted":
            raise KeyboardInterrupt
        raise SearchError(
            f"PySR found nothing in {seconds:g} s; a search needs time to compile, "
            "raise max_seconds"
        )

    def _started(self, stopped: Callable[[], bool]) -> None:
        if self._version:
            return
        file = self._folder / "ready.json"
        try:
            ready = self._wait(file, self._settings.start_seconds, stopped)
        except _ProcessEndedError as error:
            raise EngineMissing(f"PySR did not start: {error}; {HOW}") from None
        if not ready:
            raise EngineMissing(
                f"PySR did not start within {self._settings.start_seconds:g} s; {HOW}"
            )
        answer = _read_json(file)
        if "error" in answer:
            raise EngineMissing(f"PySR did not start: {answer['error']}; {HOW}")
        self._version = str(answer.get("version", "")) or "unknown"

    def _wait(
        self, file: Path, seconds: float | None, stopped: Callable[[], bool]
    ) -> bool:
        """Wait for a file; False when the time is over."""
        end = None if seconds is None else time.monotonic() + seconds
        while not file.exists():
            if stopped():
                raise SearchError("nobody waits for this search any more")
            code = self._process.poll()
            # it may have written the file just before it ended
            if code is not None and not file.exists():
                raise _ProcessEndedError(_why(code, self._folder / "log.txt"))
            if end is not None and time.monotonic() > end:
                return False
            time.sleep(_PAUSE)
        return True


class _ProcessEndedError(SearchError):
    """The process is gone, and nobody ended it."""


@dataclass
class Workers:
    """Processes that are kept for the searches of one fit, one per search at a time.

    Starting one takes some ten seconds. A copy in another process starts its own.
    """

    settings: Settings = field(default_factory=Settings)
    _idle: list[PySRProcess] = field(default_factory=list, repr=False)
    _all: list[PySRProcess] = field(default_factory=list, repr=False)
    _lock: Any = field(default_factory=Lock, repr=False)
    _closed: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[Workers], tuple[Settings]]:
        return Workers, (self.settings,)

    @contextmanager
    def one(self) -> Iterator[PySRProcess]:
        """Lend a process that nobody else uses; after an error it is ended."""
        with self._lock:
            if self._closed:
                raise SearchError("these processes are closed")
            process = self._idle.pop() if self._idle else PySRProcess(self.settings)
            if process not in self._all:
                self._all.append(process)
        try:
            yield process
        except BaseException:
            process.close()
            raise
        with self._lock:
            if process.alive:
                self._idle.append(process)

    def close(self) -> None:
        """End all processes, also those that are at work."""
        with self._lock:
            self._closed = True
            for process in self._all:
                process.close()
            self._all.clear()
            self._idle.clear()


def _environment(given: Mapping[str, str], *, install: bool) -> dict[str, str]:
    env = dict(given)
    env["PYTHON_JULIACALL_HANDLE_SIGNALS"] = "yes"
    env["PYTHON_JULIACALL_AUTOLOAD_IPYTHON_EXTENSION"] = "no"
    for name in ("PYTHON_JULIACALL_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        env[name] = "1"
    if not install:
        # else the mere import would download Julia and some eighty packages
        env.setdefault("PYTHON_JULIAPKG_OFFLINE", "yes")
        if (julia := beyond_juliapkg(env)) is not None:
            env["PYTHON_JULIAPKG_EXE"] = julia
    return env


def _write_job(folder: Path, job: Job) -> None:
    folder.mkdir()
    np.save(folder / "X.npy", job.x, allow_pickle=False)
    np.save(folder / "y.npy", job.y, allow_pickle=False)
    if job.weights is not None:
        np.save(folder / "weights.npy", job.weights, allow_pickle=False)
    tables = folder / "tables"
    tables.mkdir()
    options = {**job.options, "tempdir": str(tables), "temp_equation_file": True}
    part = folder / "job.part"
    part.write_text(
        json.dumps({"options": options, "fit": dict(job.fit)}), encoding="utf-8"
    )
    part.replace(folder / "job.json")


def _read_json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise SearchError(f"PySR's process wrote a {file.name} that cannot be read")
    return found


def _read_answer(folder: Path) -> Answer:
    found = _read_json(folder / "result.json")
    if "error" in found:
        raise SearchError(f"PySR failed: {found['error']}")
    try:
        rows = [
            (int(c), float(loss), str(text)) for c, loss, text in found["equations"]
        ]
        predictions = np.load(folder / "predictions.npy", allow_pickle=False)
        equations = tuple(
            Equation(*row, np.asarray(values, dtype=np.float64))
            for row, values in zip(rows, predictions, strict=True)
        )
        unsupported = tuple(map(str, found["unsupported"]))
        warned = tuple(map(str, found["warnings"]))
    except (KeyError, TypeError, ValueError, OSError, EOFError):
        raise SearchError("PySR's process gave an answer that cannot be read") from None
    return Answer(equations, unsupported=unsupported, warnings=warned)


def _found_so_far(folder: Path) -> tuple[Equation, ...]:
    """Read the table that PySR renews after each round; the longer of its copies."""
    best: list[Equation] = []
    for file in sorted(folder.glob("tables/**/hall_of_fame.csv*")):
        try:
            found = read_table(file.read_text(encoding="utf-8", errors="replace"))
        except (FormulaError, OSError):
            continue
        best = max(best, found, key=len)
    return tuple(best)


def _why(code: int, log: Path) -> str:
    """Say in one line how a process ended, with the last that it wrote."""
    how = f"ended with code {code}"
    if code < 0:
        try:
            how = f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            how = f"was ended by signal {-code}"
    try:
        text = log.read_bytes()[-_MOST_LOG:].decode(errors="replace")
    except OSError:
        text = ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f"its process {how}" + (f" ({lines[-1][:300]})" if lines else "")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started; it has nothing to put in order."""
    if process.returncode is not None:
        # its number may be another process's by now
        return
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    _kill(process)
    shutil.rmtree(folder, ignore_errors=True)
