"""How large a feature space the rows support."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hecsr.errors import HecsrError
from hecsr.search.lasso import LassoFormula
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.study.engines import Engine
from hecsr.validation.feature_space import largest_supported, supported_space
from hecsr.validation.ladder import ladder
from hecsr.validation.parts import Runner, Store
from hecsr.validation.problem import make_problem

SPACE = SearchSpace(operators=("+", "-", "*", "/"), rungs=2, max_complexity=2)


def engine(kind=SissoRegressor, **options):
    given = {"space": SPACE, "budget": Budget(sis=10), "max_terms": 2} | options
    return Engine("sisso", "SISSO", kind(**given), "a small search")


def problem(task="regression", n=40):
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.uniform(1, 2, (n, 4)), columns=list("abcd"))
    y = (X["a"] / X["b"]).to_numpy() + 0.02 * rng.normal(size=n)
    if task == "classification":
        y = (y > np.median(y)).astype(float)
    return make_problem(X, y, task=task)


@pytest.fixture(scope="module")
def found():
    return supported_space(engine(), problem(), held_out=0.9, scrambles=4)


def test_spaces_grow_from_the_descriptors_to_one_step_beyond_the_analysis(found):
    lines = found.growth
    assert lines["candidates"].iloc[0] == 4
    assert lines["candidates"].is_monotonic_increasing
    assert lines["complexity"].tolist() == [0, 1, 2, 3]
    assert lines["used"].tolist() == [False, False, True, False]
    assert found.used["complexity"] == 2


def test_chance_fits_better_in_larger_spaces_and_with_more_terms(found):
    mean = found.growth["mean"].to_numpy()
    assert mean[-1] > 1.5 * mean[0]
    by_chance = found.fits[found.fits["scramble"] >= 0]
    of_terms = by_chance.groupby(["space", "scramble", "terms"])["share"].mean()
    one, two = (of_terms.xs(t, level="terms") for t in (1, 2))
    assert (two >= one).all()


def test_the_true_law_is_there_from_the_space_that_holds_it(found):
    true = found.growth["true"].to_numpy()
    assert (true[1:] > 0.97).all()
    assert found.gap == pytest.approx(0.9 - found.growth["high"].iloc[2])
    assert found.gap > 0
    assert found.supported > found.used["candidates"]
    assert found.far


def test_an_extrapolation_further_than_was_searched_is_far(found):
    first, last = found.growth["candidates"].iloc[[0, -1]]
    near = replace(found, supported=0.9 * last**2 / first)
    assert near.extrapolated
    assert not near.far
    assert replace(found, supported=1.1 * last**2 / first).far


def test_a_step_beyond_is_not_taken_above_the_budget():
    p = problem()
    small = SissoRegressor(space=SPACE, budget=Budget(max_candidates=600))
    spaces, used = ladder(small, p.frame, p.y, p.task)
    assert spaces[used] == SPACE
    assert spaces[-1] == SPACE


def test_where_no_more_operators_fit_on_the_rungs_there_is_one_rung_more():
    p = problem()
    full = replace(SPACE, operators=("+",), rungs=1, max_complexity=1)
    spaces, used = ladder(SissoRegressor(space=full), p.frame, p.y, p.task)
    assert [(s.rungs, s.max_complexity) for s in spaces] == [(0, 0), (1, 1), (2, 2)]
    assert used == 1


def test_classes_are_measured_by_the_same_share():
    found = supported_space(
        engine(SissoClassifier, max_terms=1),
        problem("classification"),
        held_out=0.5,
        scrambles=3,
    )
    assert found.growth["true"].iloc[-1] > 0.8
    assert found.growth["mean"].between(0, 0.8).all()


def test_the_number_of_processes_and_a_stop_change_nothing(found, tmp_path):
    for runner in (
        Runner(n_jobs=2, store=Store(tmp_path, "x")),
        Runner(n_jobs=1, store=Store(tmp_path, "x")),
    ):
        again = supported_space(
            engine(), problem(), held_out=0.9, scrambles=4, runner=runner
        )
        pd.testing.assert_frame_equal(found.fits, again.fits)
        pd.testing.assert_frame_equal(found.growth, again.growth)


def test_the_limit_is_interpolated_along_the_law():
    n, size = 100, np.array([10.0, 1e3, 1e5])
    chance = 1 - np.exp(-2 * np.log(size) / n)
    for true in (30.0, 5e4):
        level = 1 - np.exp(-2 * np.log(true) / n)
        supported, beyond = largest_supported(size, chance, level)
        assert supported == pytest.approx(true)
        assert not beyond
    level = 1 - np.exp(-2 * np.log(1e8) / n)
    supported, beyond = largest_supported(size, chance, level)
    assert supported == pytest.approx(1e8)
    assert beyond


def test_no_space_is_supported_where_chance_reaches_the_level_at_once():
    assert largest_supported([10, 100], [0.3, 0.4], 0.2) == (0.0, False)
    assert largest_supported([10, 100], [0.3, 0.4], float("nan")) == (0.0, False)


def test_a_chance_that_does_not_grow_sets_no_limit():
    assert largest_supported([10, 100], [0.1, 0.1], 0.2) == (float("inf"), True)
    assert largest_supported([10], [0.1], 0.2) == (float("inf"), True)


def test_only_a_space_that_can_be_counted_is_asked():
    lasso = Engine("lasso", "LASSO", LassoFormula(), "")
    with pytest.raises(HecsrError, match="cannot be counted"):
        supported_space(lasso, problem(), held_out=0.5)
    with pytest.raises(HecsrError, match="takes 1 to 2"):
        supported_space(engine(), problem(), held_out=0.5, terms=3)
    with pytest.raises(HecsrError, match="at least 1"):
        supported_space(engine(), problem(), held_out=0.5, scrambles=0)
