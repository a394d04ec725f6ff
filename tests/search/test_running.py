"""Progress, interrupts and the cores that a search takes."""

import signal

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed, parallel_config
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from hecsr.errors import SearchError, SearchWarning
from hecsr.search.lasso import LassoFormula
from hecsr.search.running import jobs_for, threads_for
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.multitask import SissoMultiTask
from hecsr.search.sisso.space import Budget, SearchSpace

SMALL = {"space": SearchSpace(rungs=1), "budget": Budget(sis=6), "max_terms": 2}


def problem(n=60):
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.uniform(1, 3, (n, 3)), columns=list("abc"))
    return x, x.a * x.b - 2 * x.c / x.a + 0.1 * rng.normal(size=n)


def stopping_at(stage, dimension=0, done=None):
    def callback(progress):
        met = progress.stage == stage and progress.dimension == dimension
        if met and done in (None, progress.done):
            signal.raise_signal(signal.SIGINT)

    return callback


def test_the_cost_is_told_before_anything_is_done():
    x, y = problem()
    told = []
    found = SissoRegressor(**SMALL, inner_folds=3).fit(x, y, callback=told.append)
    assert told[0].stage == "size"
    assert "candidate features" in told[0].text
    assert told[0].total > 0
    stages = list(dict.fromkeys((p.stage, p.dimension) for p in told))
    assert stages == [
        ("size", 0),
        *((s, d) for d in (1, 2) for s in ("screening", "sparsifying", "found")),
        ("folds", 0),
    ]
    ends = [p for p in told if p.stage == "screening" and p.done == p.total]
    assert len(ends) == 2
    best = [p for p in told if p.stage == "found"]
    assert [p.text for p in best] == [found.models_[d][0].text for d in (1, 2)]
    assert [p.models for p in best] == [len(found.models_[d]) for d in (1, 2)]
    assert [p.done for p in told if p.stage == "folds"] == [1, 2, 3]


def test_an_error_in_a_callback_ends_the_fit():
    def fails(progress):
        raise RuntimeError(progress.stage)

    with pytest.raises(RuntimeError, match="size"):
        SissoRegressor(**SMALL).fit(*problem(), callback=fails)


@pytest.mark.parametrize("stage", ["screening", "sparsifying"])
@pytest.mark.parametrize("engine", [SissoRegressor, SissoClassifier])
def test_an_interrupt_keeps_the_terms_that_are_finished(engine, stage):
    x, y = problem()
    y = y if engine is SissoRegressor else y > y.median()
    whole = engine(**SMALL, inner_folds=0).fit(x, y)
    with pytest.warns(SearchWarning, match="after the search of 1 term"):
        found = engine(**SMALL).fit(x, y, callback=stopping_at(stage, dimension=2))
    assert found.interrupted_
    assert not whole.interrupted_
    assert found.front_ == whole.front_[:2]
    assert found.models_.keys() == {1}
    assert found.limit_ == 1
    assert found.predict(x).shape == (60,)


@pytest.mark.parametrize("stage", ["screening", "sparsifying", "found"])
def test_an_interrupt_reaches_the_search_from_every_thread(stage):
    def callback(progress):
        if progress.stage == stage and progress.dimension == 2:
            raise KeyboardInterrupt

    x, y = problem()
    with pytest.warns(SearchWarning, match="interrupted"):
        found = SissoRegressor(**SMALL, n_jobs=2).fit(x, y, callback=callback)
    assert found.limit_ == (2 if stage == "found" else 1)


@pytest.mark.parametrize("stage", ["screening", "sparsifying"])
def test_an_interrupt_before_anything_is_finished_is_passed_on(stage):
    with pytest.raises(KeyboardInterrupt):
        SissoRegressor(**SMALL).fit(*problem(), callback=stopping_at(stage, 1))


def test_an_interrupt_in_the_folds_chooses_as_without_them():
    x, y = problem()
    alone = SissoRegressor(**SMALL, inner_folds=0).fit(x, y)
    with pytest.warns(SearchWarning, match="in the inner folds.*2 term"):
        found = SissoRegressor(**SMALL).fit(x, y, callback=stopping_at("folds", done=2))
    assert found.interrupted_
    assert found.front_ == alone.front_
    assert found.formula_ == alone.formula_


def test_an_interrupt_keeps_what_several_tasks_share():
    x, y = problem()
    with pytest.warns(SearchWarning, match="1 term"):
        found = SissoMultiTask(**SMALL).fit(
            x, y, np.arange(60) % 2, callback=stopping_at("screening", 2)
        )
    assert found.limit_ == 1


@pytest.mark.parametrize("engine", [LassoFormula(max_terms=2), SissoRegressor(**SMALL)])
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_the_result_does_not_depend_on_the_number_of_jobs(engine, backend):
    x, y = problem()
    one = clone(engine).fit(x, y)
    with parallel_config(backend=backend, n_jobs=2):
        two = clone(engine).fit(x, y)
    assert one.front_ == two.front_
    assert one.formula_ == two.formula_


def test_jobs_of_the_estimator_are_those_of_the_folds_too():
    x, y = problem()
    one = SissoRegressor(**SMALL).fit(x, y)
    two = SissoRegressor(**SMALL, n_jobs=2).fit(x, y)
    assert one.front_ == two.front_
    assert one.models_ == two.models_


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_a_search_takes_one_thread_inside_a_job(backend):
    with parallel_config(backend=backend, n_jobs=2):
        assert threads_for(2) == 2
        for count in (threads_for, jobs_for):
            inside = Parallel()(delayed(count)(n) for n in (None, 1, 2, -1))
            assert inside == [1, 1, 1, 1]


def test_jobs_are_counted_as_joblib_counts_them():
    assert threads_for(None) == 1
    assert threads_for(3) == 3
    assert threads_for(-1) >= 1
    assert jobs_for(-1) == -1
    with parallel_config(n_jobs=2):
        assert threads_for(None) == 2
    with parallel_config(backend="sequential", n_jobs=4):
        assert threads_for(4) == 1
    with pytest.raises(SearchError, match="n_jobs is 0"):
        SissoRegressor(**SMALL, n_jobs=0).fit(*problem())


def test_a_grid_search_passes_the_callback_on():
    x, y = problem()
    told = []
    grid = GridSearchCV(
        SissoRegressor(**SMALL, inner_folds=0), {"max_terms": [1, 2]}, cv=2
    )
    grid.fit(x, y, callback=told.append)
    assert sum(p.stage == "size" for p in told) == 5
