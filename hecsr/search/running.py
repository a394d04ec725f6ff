"""How a search runs beside what it finds: progress, checkpoints, threads, an end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from hecsr.errors import SearchError

Stage = Literal["size", "screening", "sparsifying", "refining", "found", "folds"]

_LOCAL: Final = "joblib._parallel_backends"


@dataclass(frozen=True)
class SearchProgress:
    """What a search is doing.

    Attributes
    ----------
    stage
        'size': the cost is known and nothing is done yet; 'screening' the features
        and 'sparsifying' the tuples for one more term, and 'refining' the best
        models; 'found' are the models of so many terms; 'folds': the search is
        repeated in the inner folds.
    done, total
        Of tiles of the screening, of tuples, of terms, or of folds; of candidate
        features for 'size'.
    dimension
        Number of terms that are looked for; 0 for 'size' and 'folds'.
    models
        Models found for this number of terms.
    text
        A sentence: the cost, or the best model.
    """

    stage: Stage
    done: int
    total: int
    dimension: int = 0
    models: int = 0
    text: str = ""


Callback = Callable[[SearchProgress], None]


@dataclass
class Stop:
    """Tells the searches of other threads that nobody waits for them any more."""

    asked: bool = False


@dataclass(frozen=True)
class Running:
    """Who is told of the progress, and where a search may be resumed from."""

    callback: Callback | None = None
    checkpoint: Path | None = None
    stop: Stop = field(default_factory=Stop)

    def tell(self, progress: SearchProgress) -> None:
        """Report progress, if anybody listens."""
        if self.callback is not None:
            self.callback(progress)

    @property
    def silent(self) -> Running:
        """The same without reports, for searches that run beside each other."""
        return replace(self, callback=None)


def one_blas_thread() -> AbstractContextManager[Any]:
    """Return a context in which each matrix product takes one thread."""
    return _blas().limit(limits=1, user_api="blas")  # type: ignore[no-any-return]


@cache
def _blas() -> Any:
    # finding the libraries takes as long as a small search
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def jobs_for(n_jobs: int | None) -> int | None:
    """Return how many inner folds joblib is to search at once.

    One inside a job of joblib's, whatever was asked for: the cores are taken.
    """
    return 1 if _backend().nesting_level else n_jobs


def threads_for(n_jobs: int | None) -> int:
    """Return the threads of one search, as ``joblib.effective_n_jobs`` counts jobs.

    One inside a job of joblib's, and where the jobs are those of a cluster.

    Raises
    ------
    SearchError
        If `n_jobs` is 0.
    """
    from joblib import effective_n_jobs

    if n_jobs == 0:
        raise SearchError("n_jobs is 0; allowed: 1 and more, -1 for all cores, None")
    backend = _backend()
    if backend.nesting_level or type(backend).__module__ != _LOCAL:
        return 1
    return int(effective_n_jobs(n_jobs))


def _backend() -> Any:
    from joblib.parallel import get_active_backend

    return get_active_backend()[0]
