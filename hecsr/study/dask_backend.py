"""joblib's backend for Dask, which also says when work is lost with its worker."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from joblib._dask import DaskDistributedBackend

from hecsr.errors import HecsrError


@dataclass(frozen=True)
class _Lost:
    """Stands for the result of work that Dask gave up."""

    error: BaseException


class LosingBackend(DaskDistributedBackend):  # type: ignore[misc]
    """The backend of joblib, ending the run with an error where it would wait forever.

    joblib notes the error of work whose worker died several times, but tells nobody:
    who waits for the results is told of finished work only.
    """

    def submit(
        self, func: Any, callback: Callable[[Any], Any] | None = None
    ) -> Future[Any]:
        """Send a batch of calls to the cluster."""
        future: Future[Any] = super().submit(func, callback)

        def tell(done: Future[Any]) -> None:
            error = done.exception()
            if error is not None and callback is not None:
                callback(_Lost(error))

        future.add_done_callback(tell)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        """Return the results of a batch, or raise what it raised.

        Raises
        ------
        HecsrError
            If it was lost.
        """
        if isinstance(out, _Lost):
            why = str(out.error) or type(out.error).__name__
            msg = (
                f"the Dask cluster lost a part of the work: {why} Workers most often "
                "die for lack of memory: start them with more of it"
            )
            raise HecsrError(msg) from out.error
        return super().retrieve_result_callback(out)
