"""Scrambled targets: what the whole procedure reaches by chance."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from stand_ins import BestColumn

from hecsr.errors import HecsrError, SearchError
from hecsr.study.engines import Engine
from hecsr.validation.chance import TRUE, p_value, scrambled
from hecsr.validation.folds import k_fold
from hecsr.validation.leave_out import leave_out
from hecsr.validation.parts import Runner, Store
from hecsr.validation.problem import make_problem
from hecsr.validation.scrambling import mixes_sizes, scrambled_target

BEST = Engine("best", "Best", BestColumn(), "the best column")


class Refuses(BestColumn):
    """Fails, as an engine may."""

    def fit(self, X, y, groups=None):
        raise SearchError("nothing to be found")


class Counted(BestColumn):
    """Knows how often any of it was fitted in this process."""

    fits = 0

    def fit(self, X, y, groups=None):
        Counted.fits += 1
        return super().fit(X, y, groups)


def columns(n=40, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc")), rng


def planted(n=40):
    X, rng = columns(n)
    y = 2 * X["b"].to_numpy() + 0.1 * rng.normal(size=n)
    return make_problem(X, y, task="regression"), k_fold(y, n_splits=4, n_repeats=2)


def noise(n=40):
    X, rng = columns(n)
    y = rng.normal(size=n)
    return make_problem(X, y, task="regression"), k_fold(y, n_splits=4)


def classes():
    X, rng = columns(60)
    y = (X["b"] + 0.2 * rng.normal(size=60) > 0.5).to_numpy(dtype=float)
    return make_problem(X, y, task="classification"), k_fold(
        y, n_splits=4, stratified=True
    )


def same(one, two):
    for name in ("scores", "fits", "tests"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


def test_a_planted_law_gives_the_smallest_p_there_is():
    problem, splits = planted()
    found = scrambled([BEST], problem, splits, metric="mae", scrambles=30)
    (test,) = found.tests.to_dict("records")
    assert test["p"] == pytest.approx(1 / 31)
    assert test["value"] < 0.2 < test["low"] <= test["mean"] <= test["high"]
    assert found.held_out("best") > 0.95
    assert found.n_folds == 4  # one repeat of the two


def test_noise_is_not_told_from_its_scrambles():
    problem, splits = noise()
    found = scrambled([BEST], problem, splits, metric="mae", scrambles=30)
    (test,) = found.tests.to_dict("records")
    assert test["p"] > 0.05
    assert test["p"] == pytest.approx((1 + test["as_good"]) / 31)


def test_the_more_is_better_way_round_too():
    problem, splits = planted()
    found = scrambled([BEST], problem, splits, metric="r2", scrambles=10)
    assert found.tests["p"].iloc[0] == pytest.approx(1 / 11)


def test_ties_count_against_the_true_target():
    assert p_value(0.5, np.array([0.5, 0.5, 0.4]), lower_is_better=False) == 0.75
    assert p_value(0.5, np.array([0.5, 0.6, 0.6]), lower_is_better=True) == 0.5
    assert np.isnan(p_value(np.nan, np.array([0.5]), lower_is_better=True))


@pytest.mark.parametrize("decision", ["half", "share"])
def test_classes_are_scrambled_inside_the_held_out_parts(decision):
    problem, splits = classes()
    engine = Engine("logit", "Logit", LogisticRegression(), "a straight line")
    found = scrambled(
        [engine],
        problem,
        splits,
        metric="balanced_accuracy",
        scrambles=20,
        decision=decision,
    )
    (test,) = found.tests.to_dict("records")
    assert test["p"] == pytest.approx(1 / 21)
    assert test["constant"] == 0.5
    within = [s.test for s in splits]
    y = scrambled_target(problem, 0, 3, within)
    assert (y != problem.y).any()
    assert [y[r].sum() for r in within] == [problem.y[r].sum() for r in within]


def test_groups_of_one_size_change_places_as_wholes():
    groups = np.repeat(np.arange(10), 3)
    y = 100.0 * groups + np.tile([0.0, 1.0, 2.0], 10)
    X = pd.DataFrame({"a": np.arange(30.0)})
    problem = make_problem(X, y, task="regression", groups=groups)
    new = scrambled_target(problem, 0, 0)
    assert sorted(new) == sorted(y)
    by_group = (new // 100).reshape(10, 3)
    assert (by_group == by_group[:, :1]).all()
    assert (by_group[:, 0] != np.arange(10)).any()
    # inside a group the order is not that of before
    assert (new % 100 != y % 100).any()


def test_groups_of_unequal_size_keep_part_of_their_likeness():
    groups = np.repeat(np.arange(8), [1, 2, 3, 4, 5, 6, 7, 12])
    X = pd.DataFrame({"a": np.arange(40.0)})
    problem = make_problem(X, 1.0 * groups, task="regression", groups=groups)
    alone = make_problem(X, 1.0 * groups, task="regression")

    def inside(p, k):
        y = scrambled_target(p, 0, k)
        return np.mean([y[groups == g].var() for g in range(2, 8)])

    kept = np.mean([inside(problem, k) for k in range(20)])
    freely = np.mean([inside(alone, k) for k in range(20)])
    assert kept < 0.7 * freely


def test_more_scrambles_go_on_from_those_that_are_there(tmp_path):
    problem, splits = planted()
    engine = replace(BEST, estimator=Counted())

    def run(n, store=None):
        Counted.fits = 0
        runner = Runner(n_jobs=1, store=store)
        found = scrambled(
            [engine], problem, splits, metric="mae", scrambles=n, runner=runner
        )
        return found, Counted.fits

    few, _ = run(3, Store(tmp_path, "x"))
    many, fits = run(5, Store(tmp_path, "x"))
    assert fits == 2 * 4  # two new scrambles in four folds
    first = many.scores[many.scores["scramble"] < 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(few.scores, first)
    at_once, fits = run(5)
    assert fits == 6 * 4
    same(many, at_once)
    again, fits = run(5, Store(tmp_path, "x"))
    assert fits == 0
    same(again, at_once)


def test_the_number_of_processes_changes_nothing():
    problem, splits = planted()
    one, two = (
        scrambled(
            [BEST],
            problem,
            splits,
            metric="mae",
            scrambles=4,
            runner=Runner(n_jobs=n),
        )
        for n in (1, 2)
    )
    same(one, two)


def test_the_true_target_is_run_with_the_budget_of_the_scrambles():
    problem, splits = planted()
    engine = replace(BEST, estimator=Refuses(), light=BestColumn(), light_words="less")
    found = scrambled([engine], problem, splits, metric="mae", scrambles=2)
    assert found.budgets == {"best": "less"}
    assert set(found.scores["scramble"]) == {TRUE, 0, 1}


def test_what_fails_says_where():
    problem, splits = planted()
    engine = replace(BEST, estimator=Refuses())
    with pytest.raises(SearchError, match=r"best, true target, fold 1: nothing"):
        scrambled([engine], problem, splits, metric="mae", scrambles=1)


def test_what_cannot_be_scrambled_is_refused():
    problem, splits = planted()
    half = {"low": np.arange(40) < 10}
    partly = leave_out(half, problem.y, name="n", label="l", description="d")
    for engines, folds, metric, n, words in (
        ([], splits, "mae", 5, "no engine"),
        ([BEST, BEST], splits, "mae", 5, "different names"),
        ([BEST], splits, "auc", 5, "allowed: mae, rmse, r2"),
        ([BEST], splits, "mae", 0, "at least 1"),
        ([BEST], partly, "mae", 5, "k-fold"),
    ):
        with pytest.raises(HecsrError, match=words):
            scrambled(engines, problem, folds, metric=metric, scrambles=n)


@pytest.mark.parametrize(
    ("sizes", "mixed"),
    [
        ((1, 1, 1, 1), False),
        ((3, 3, 3, 1, 1, 1), False),
        ((4, 2, 2, 2), True),
        ((5, 4, 1, 1, 1), True),
    ],
)
def test_groups_of_unequal_sizes_mix_where_they_lack_partners(sizes, mixed):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    assert mixes_sizes(groups, len(groups)) == mixed
    assert not mixes_sizes(None, len(groups))


def test_sizes_mix_within_the_parts_that_values_are_exchanged_in():
    groups = np.array([0, 0, 1, 1, 2, 2, 3, 4, 5])
    assert not mixes_sizes(groups, 9)
    apart = [np.array([0, 1, 2, 3, 6]), np.array([4, 5, 7, 8])]
    assert mixes_sizes(groups, 9, apart)
