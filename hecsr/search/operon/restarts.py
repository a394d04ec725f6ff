"""Restarts of Operon, each in a worker process that may die without harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import EngineMissing, SearchError
from hecsr.search.running import Running, SearchProgress

if TYPE_CHECKING:
    from hecsr.formula.expression import Array

_WORKER: Final = Path(__file__).with_name("worker.py")
_LISTEN: Final = 0.1
"""Seconds between two looks at whether anybody still waits for the outcome."""

Answer = Mapping[str, Any]


class RestartsLostError(SearchError):
    """No restart of Operon came to its end."""


@dataclass(frozen=True)
class Outcome:
    """What each restart answered, None where its worker died, in the seeds' order."""

    answers: Sequence[Answer | None]
    interrupted: bool = False

    @property
    def finished(self) -> list[Answer]:
        """The answers of the restarts that ended well."""
        return [a for a in self.answers if a is not None]


def run_restarts(
    table: Array,
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    *,
    threads: int,
    running: Running,
    max_seconds: float | None = None,
) -> Outcome:
    """Run one restart for each seed, some at once; the outcome is the same.

    Ctrl-C ends the workers and keeps the restarts that are finished.

    Parameters
    ----------
    table
        Columns of descriptors, and last the target.
    settings
        What :mod:`hecsr.search.operon.worker` is told.
    threads
        Workers at once.
    max_seconds
        A restart that takes longer is lost.

    Raises
    ------
    EngineMissing
        If a worker cannot load Operon.
    RestartsLostError
        If every restart is lost.
    KeyboardInterrupt
        If interrupted before any restart was finished.
    """
    job = _Job(np.ascontiguousarray(table, np.float64), settings, seeds, max_seconds)
    interrupted = False
    done = 0
    with ThreadPoolExecutor(min(threads, len(seeds))) as pool:
        waiting = {pool.submit(job.serve) for _ in range(min(threads, len(seeds)))}
        try:
            while waiting:
                ended, waiting = wait(waiting, timeout=_LISTEN)
                for future in ended:
                    future.result()
                if running.stop.asked:
                    interrupted = True
                    break
                if (now := len(job.answers)) > done and not job.stopped:
                    done = now
                    text = f"{done} of {len(seeds)} restarts of Operon"
                    running.tell(
                        SearchProgress("screening", done, len(seeds), text=text)
                    )
        except KeyboardInterrupt:
            interrupted = True
        finally:
            job.stop()
    outcome = Outcome([job.answers.get(seed) for seed in seeds], interrupted)
    if not outcome.finished:
        if interrupted:
            raise KeyboardInterrupt
        if job.timed_out:
            raise RestartsLostError(
                f"all {len(seeds)} restarts of Operon took longer than max_seconds = "
                f"{max_seconds}"
            )
        raise RestartsLostError(f"all {len(seeds)} restarts of Operon died{job.reason}")
    return outcome


@dataclass
class _Job:
    """Seeds to serve, the workers that do, and what they answered."""

    table: Array
    settings: Mapping[str, Any]
    seeds: Sequence[int]
    max_seconds: float | None
    answers: dict[int, Answer | None] = field(default_factory=dict)
    stopped: bool = False
    last_words: str = ""
    timed_out: bool = False

    def __post_init__(self) -> None:
        self.left: SimpleQueue[int] = SimpleQueue()
        for seed in self.seeds:
            self.left.put(seed)
        self.workers: set[subprocess.Popen[bytes]] = set()
        self.lock = threading.Lock()

    @property
    def reason(self) -> str:
        """What the last worker to die said."""
        return f"; the last said: {self.last_words}" if self.last_words else ""

    def stop(self) -> None:
        """End all workers; the threads that wait for them then end too."""
        with self.lock:
            self.stopped = True
            for worker in self.workers:
                worker.kill()

    def serve(self) -> None:
        """Serve seeds with one worker after another until none is left."""
        while not self.stopped and not self.left.empty():
            with self._worker() as (worker, errors):
                if worker is None:
                    return
                while self._served(worker):
                    pass
            self.last_words = errors[-1] if errors else self.last_words

    def _served(self, worker: subprocess.Popen[bytes]) -> bool:
        """Have a worker run one restart; say whether it may run another."""
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            seed = self.left.get_nowait()
        except Empty:
            return False
        timer = None
        if self.max_seconds is not None:
            timer = threading.Timer(self.max_seconds, self._late, [worker])
            timer.start()
        try:
            with suppress(BrokenPipeError):
                worker.stdin.write(f"{seed}\n".encode())
                worker.stdin.flush()
            line = worker.stdout.readline()
        finally:
            if timer is not None:
                timer.cancel()
        answer = _read(line)
        if answer is not None and "missing" in answer:
            raise EngineMissing(
                f"the engine Operon cannot be loaded: {answer['missing']}; "
                "pip install --force-reinstall pyoperon"
            )
        if not self.stopped or answer is not None:
            self.answers[seed] = answer
        return answer is not None

    def _late(self, worker: subprocess.Popen[bytes]) -> None:
        self.timed_out = True
        worker.kill()

    @contextmanager
    def _worker(
        self,
    ) -> Iterator[tuple[subprocess.Popen[bytes] | None, list[str]]]:
        """Start a worker that knows the data, and end it; then its last words."""
        words: list[str] = []
        with tempfile.TemporaryFile() as errors:
            with self.lock:
                if self.stopped:
                    yield None, words
                    return
                worker = _started(errors)
                self.workers.add(worker)
            try:
                with suppress(BrokenPipeError):
                    self._send(worker)
                yield worker, words
            finally:
                with self.lock:
                    self.workers.discard(worker)
                _ended(worker)
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip()
                words += said.splitlines()[-1:]

    def _send(self, worker: subprocess.Popen[bytes]) -> None:
        assert worker.stdin is not None
        told = {
            **self.settings,
            "path": [p for p in sys.path if isinstance(p, str)],
            "shape": self.table.shape,
            "parent": os.getpid(),
        }
        worker.stdin.write(json.dumps(told).encode() + b"\n")
        worker.stdin.write(self.table.tobytes())
        worker.stdin.flush()


def _started(errors: IO[bytes]) -> subprocess.Popen[bytes]:
    # -P: modules beside the worker must not hide those that it imports. A session of
    # its own: Ctrl-C at the terminal is for the program, which ends its workers
    return subprocess.Popen(  # noqa: S603 - our own file, no shell
        [sys.executable, "-P", str(_WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )


def _ended(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stdin is not None
    assert worker.stdout is not None
    with suppress(BrokenPipeError):
        worker.stdin.close()
    worker.kill()
    worker.stdout.close()
    worker.wait()


def _read(line: bytes) -> Answer | None:
    """Read an answer; None if the worker died before or within it."""
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
