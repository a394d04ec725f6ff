"""A Dask cluster that does the work of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from hecsr.errors import HecsrError
from hecsr.study.context import numerics

_INSTALL: Final = (
    'python -m pip install "dask>=2024.8" "distributed>=2024.8" "joblib>=1.5"'
)
_BACKEND: Final = "hecsr-dask"
_START: Final = "dask worker ADDRESS --nthreads 1 --nworkers auto"


@contextmanager
def cluster(address: str, timeout: float = 10.0) -> Iterator[Any]:
    """Let joblib spread its work over the cluster; yields its client.

    Only work that leaves the number of processes open (``n_jobs=None``) goes there.

    Parameters
    ----------
    address
        Of the scheduler, as ``tcp://10.0.0.5:8786``.
    timeout
        Seconds to wait for the scheduler, and for a first worker.

    Raises
    ------
    HecsrError
        If Dask is not installed, the scheduler is not reached or has no worker, or
        a worker has more than one thread or other versions than this process, or the
        scheduler is lost on the way.
    """
    from joblib import parallel_config, register_parallel_backend

    try:
        from distributed import CancelledError, Client
        from distributed.comm import CommClosedError

        from hecsr.study.dask_backend import LosingBackend
    except ImportError as error:
        msg = f"--dask needs the packages dask and distributed; install: {_INSTALL}"
        raise HecsrError(msg) from error
    register_parallel_backend(_BACKEND, LosingBackend)
    client = _connected(Client, address, timeout)
    try:
        _check_workers(client, address, timeout)
        with parallel_config(backend=_BACKEND, n_jobs=-1, client=client):
            yield client
    # what work is told that waits for a scheduler which is gone
    except (CancelledError, CommClosedError) as error:
        msg = (
            f"the connection to the Dask scheduler at '{address}' was lost; start it "
            "again: with --full the same command goes on from the finished parts"
        )
        raise HecsrError(msg) from error
    finally:
        client.close()


def _connected(kind: Any, address: str, timeout: float) -> Any:
    try:
        # one client a run; a default one would take what others compute with Dask
        return kind(address, timeout=timeout, set_as_default=False)
    # whatever the address makes of it: no such host, no answer, no such protocol
    except (OSError, ValueError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        msg = (
            f"no Dask scheduler at '{address}' within {timeout:.0f} s ({why}); give "
            "the address that `dask scheduler` prints, as tcp://10.0.0.5:8786, and "
            "see whether a firewall is between"
        )
        raise HecsrError(msg) from error


def _check_workers(client: Any, address: str, timeout: float) -> None:
    try:
        client.wait_for_workers(1, timeout=timeout)
    except TimeoutError as error:
        start = _START.replace("ADDRESS", address)
        msg = f"the Dask scheduler at '{address}' has no workers; start some: {start}"
        raise HecsrError(msg) from error
    many = {worker: n for worker, n in client.nthreads().items() if n > 1}
    if many:
        worker, n = next(iter(many.items()))
        start = _START.replace("ADDRESS", address)
        msg = (
            f"the Dask worker {worker} has {n} threads ({len(many)} such workers); "
            "numbers are the same to the last digit only with one thread each: "
            f"{start}"
        )
        raise HecsrError(msg)
    here = _here()
    for worker, there in _numerics_of(client).items():
        other = [
            f"{name} {there.get(name, 'missing')} there, {here.get(name, 'missing')} "
            "here"
            for name in sorted({*here, *there})
            if here.get(name) != there.get(name)
        ]
        if other:
            msg = (
                f"the Dask worker {worker} would compute other numbers: "
                f"{'; '.join(other)}; install the same versions on all machines"
            )
            raise HecsrError(msg)


def _here() -> Mapping[str, str]:
    return numerics()


def _numerics_of(client: Any) -> Mapping[str, Mapping[str, str]]:
    try:
        found: Mapping[str, Mapping[str, str]] = client.run(numerics)
    except Exception as error:
        msg = (
            f"a Dask worker cannot run hecsr ({error}); install hecsr and its "
            "dependencies in the workers' environment too"
        )
        raise HecsrError(msg) from error
    return found
