"""A Dask cluster does the work: the same numbers, and clear words where it cannot."""

import os
import socket
import sys
import time
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from joblib import delayed, effective_n_jobs
from sklearn.ensemble import RandomForestRegressor

from hecsr.baselines import PowerLaw, black_box
from hecsr.errors import HecsrError
from hecsr.importance.drop import drop_importance
from hecsr.result import Competitor
from hecsr.search.operon.available import available as operon_missing
from hecsr.search.operon.estimator import OperonFormula
from hecsr.search.operon.space import OperonBudget
from hecsr.search.sisso.estimator import SissoRegressor
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.study import context
from hecsr.study.cluster import cluster
from hecsr.study.engines import Engine
from hecsr.validation.chance import scrambled
from hecsr.validation.compare import Entrant, compare
from hecsr.validation.folds import k_fold
from hecsr.validation.parts import Part, Runner
from hecsr.validation.problem import make_problem
from hecsr.validation.rashomon import rashomon
from hecsr.validation.stability import stability
from hecsr.validation.store import Store, count_parts

distributed = pytest.importorskip("distributed", reason="extra 'dask' is not installed")


@pytest.fixture(scope="module")
def scheduler():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as local:
        yield local.scheduler_address


def entrant(name, estimator, kind="formula", columns="filtered"):
    return Entrant(Competitor(name, name, kind, ""), estimator, columns)


def test_a_cluster_gives_the_same_numbers_to_the_last_digit(scheduler, tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.uniform(1, 2, (40, 4)), columns=list("abcd"))
    y = (3 * X["a"] / X["b"] + 0.05 * rng.normal(size=40)).to_numpy()
    problem = make_problem(X, y, task="regression")
    sisso = SissoRegressor(
        space=SearchSpace(rungs=1, max_complexity=1),
        budget=Budget(sis=10), max_terms=2, inner_folds=2,
    )  # fmt: skip
    field = [
        entrant("sisso", sisso),
        entrant("forest", RandomForestRegressor(10, max_features=0.5), "black box"),
        entrant("gp", black_box("gaussian_process", "regression"), "black box"),
        entrant("power law", PowerLaw("a"), "rule", "all"),
    ]
    if operon_missing() is None:
        # its own processes have to be allowed inside a worker
        budget = OperonBudget(restarts=1, population=30, generations=2)
        field.append(entrant("operon", OperonFormula(budget=budget, inner_folds=0)))
    schemes = [k_fold(y, n_splits=2)]
    alone = compare(field, problem, schemes, runner=Runner(n_jobs=1))
    told = []
    with cluster(scheduler):
        runner = Runner(
            store=Store(tmp_path, "c"), show=lambda *report: told.append(report)
        )
        spread = compare(field, problem, schemes, runner=runner)
    for name in ("scores", "predictions", "undefined", "choices"):
        one, two = getattr(alone, name), getattr(spread, name)
        pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert [done for _, done, *_ in told] == list(range(2 * len(field) + 1))
    assert count_parts(tmp_path) == 2 * len(field)


def test_the_long_validation_gives_the_same_numbers_to_the_last_digit(scheduler):
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.uniform(1, 2, (30, 3)), columns=list("abc"))
    y = (3 * X["a"] / X["b"] + 0.1 * rng.normal(size=30)).to_numpy()
    problem = make_problem(X, y, task="regression")
    sisso = SissoRegressor(
        space=SearchSpace(rungs=1, max_complexity=1),
        budget=Budget(sis=5), max_terms=2, inner_folds=2,
    )  # fmt: skip
    engine = Engine("sisso", "SISSO", sisso, "")
    splits = k_fold(y, n_splits=2)
    field = [
        entrant("sisso", sisso),
        entrant("forest", RandomForestRegressor(5, max_features=0.5), "black box"),
    ]

    def found(runner):
        compared = compare(field, problem, [splits], runner=runner)
        chance = scrambled(
            [engine], problem, splits, metric="mae", scrambles=2, runner=runner
        )
        drawn = stability([engine], problem, compared, bootstraps=2, runner=runner)
        standing = rashomon(engine, problem, splits=splits, keep=50, runner=runner)
        dropped = drop_importance(compared, runner=runner)
        return {
            "dropped": dropped,
            **{n: getattr(chance, n) for n in ("scores", "fits", "tests")},
            **frames_of(drawn),
            **frames_of(standing),
        }

    alone = found(Runner(n_jobs=1))
    with cluster(scheduler):
        runner = Runner()
        spread = found(runner)
    assert list(runner.work) == [
        "comparison", "scrambled targets", "bootstraps", "Rashomon set",
        "drop a descriptor",
    ]  # fmt: skip
    assert alone.keys() == spread.keys()
    assert len(alone) > 10
    for name, frame in alone.items():
        pd.testing.assert_frame_equal(frame, spread[name], check_exact=True)


def frames_of(found):
    """Return all frames of a result by name, with that of its kind."""
    named = ((f"{type(found).__name__} {f.name}", f.name) for f in fields(found))
    frames = {name: getattr(found, attribute) for name, attribute in named}
    return {n: f for n, f in frames.items() if isinstance(f, pd.DataFrame)}


def test_the_work_is_done_by_the_workers_on_one_thread_each(scheduler):
    def place():
        return [distributed.get_worker().address, effective_n_jobs(-1)]

    parts = [Part("place", (i,), delayed(place)()) for i in range(8)]
    with cluster(scheduler) as client:
        assert effective_n_jobs(None) == 2
        found = Runner().run("places", parts)
        assert {address for address, _ in found} <= set(client.nthreads())
    assert {threads for _, threads in found} == {1}
    # outside, joblib is as it was
    assert effective_n_jobs(None) == 1


def test_an_error_on_a_worker_arrives(scheduler):
    def fails():
        raise HecsrError("nothing found")

    part = Part("fails", (), delayed(fails)())
    with cluster(scheduler), pytest.raises(HecsrError, match="nothing found"):
        Runner().run("s", [part])


def test_a_stop_ends_the_work_and_keeps_what_is_finished(scheduler, tmp_path):
    def stop(stage, done, total, left=None):
        if done == 3:
            raise KeyboardInterrupt

    parts = [Part("s", (i,), delayed(abs)(i)) for i in range(-9, 0)]
    with cluster(scheduler):
        with pytest.raises(KeyboardInterrupt):
            Runner(store=Store(tmp_path, "c"), show=stop).run("s", parts)
        assert count_parts(tmp_path) == 3
        again = Runner(store=Store(tmp_path, "c")).run("s", parts)
    assert again == list(range(9, 0, -1))


def test_work_that_ends_its_workers_ends_the_run_and_not_in_silence():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as local,
        cluster(local.scheduler_address) as client,
    ):
        client.run_on_scheduler(_forgive_nothing)
        part = Part("dies", (), delayed(os._exit)(1))
        with pytest.raises(HecsrError, match=r"lost a part of the work: .*memory"):
            Runner().run("s", [part])


def _forgive_nothing(dask_scheduler):
    dask_scheduler.allowed_failures = 0


def test_a_scheduler_that_is_lost_on_the_way_is_said():
    local = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    )

    def lose(stage, done, total, left=None):
        if done == 1:
            local.close()

    parts = [Part("s", (i,), delayed(time.sleep)(0.1)) for i in range(4)]
    with (
        pytest.raises(HecsrError, match=r"the connection .* was lost; start it again"),
        cluster(local.scheduler_address),
    ):
        Runner(show=lose).run("s", parts)


def test_no_scheduler_is_said_with_what_was_given():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    said = f"no Dask scheduler at '{address}' within 1 s .*`dask scheduler` prints"
    with pytest.raises(HecsrError, match=said), cluster(address, timeout=1):
        pass
    with pytest.raises(HecsrError, match="no Dask scheduler at 'nonsense://x'"):
        cluster("nonsense://x", timeout=1).__enter__()


def test_a_scheduler_without_workers_is_said():
    with distributed.LocalCluster(
        n_workers=0, processes=False, dashboard_address=":0"
    ) as empty:
        said = "has no workers; start some: dask worker .* --nthreads 1"
        with (
            pytest.raises(HecsrError, match=said),
            cluster(empty.scheduler_address, timeout=1),
        ):
            pass


def test_workers_with_several_threads_are_refused():
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0"
        ) as wide,
        pytest.raises(HecsrError, match=r"has 2 threads .*one thread each"),
        cluster(wide.scheduler_address),
    ):
        pass


def test_workers_with_other_versions_are_refused(scheduler, monkeypatch):
    here = {**context.numerics(), "numpy": "0.1", "extra": "1"}
    monkeypatch.setattr("hecsr.study.cluster._here", lambda: here)
    said = r"extra missing there, 1 here; numpy \S+ there, 0.1 here; install the same"
    with pytest.raises(HecsrError, match=said), cluster(scheduler):
        pass


def test_dask_that_is_not_installed_is_named_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(HecsrError, match=r'pip install "dask>=2024\.8"'):
        cluster("tcp://127.0.0.1:8786").__enter__()
