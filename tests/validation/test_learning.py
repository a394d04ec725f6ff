"""Learning curves: nested parts, the procedure repeated, the law recovered."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from stand_ins import BestColumn, Spy

from hecsr.errors import HecsrError, SearchError
from hecsr.result import Competitor
from hecsr.validation.compare import Entrant, compare
from hecsr.validation.folds import k_fold
from hecsr.validation.learning import learning_curves, nested_order
from hecsr.validation.parts import Runner, Store
from hecsr.validation.power_law import outlook, power_law
from hecsr.validation.problem import make_problem

ROWS = 60
SIZES = np.array([20.0, 40.0, 60.0, 80.0, 100.0])


class Fussy(Spy):
    """Refuses to be fitted to few rows."""

    def fit(self, X, y, groups=None):
        if len(X) < 20:
            raise SearchError("too few rows")
        return super().fit(X, y, groups)

    def predict(self, X):
        return np.full(len(X), self.targets_.mean())


def entrant(name, estimator, kind="formula"):
    return Entrant(Competitor(name, name.title(), kind, "", name), estimator)


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(ROWS, 4)), columns=list("abcd"))
    y = 3 * X["a"].to_numpy() + rng.normal(size=ROWS)
    return make_problem(X, y, task="regression", groups=np.arange(ROWS) // 3)


def folds(problem, n_repeats=1, **options):
    return k_fold(
        problem.y, n_splits=3, n_repeats=n_repeats, groups=problem.groups, **options
    )


def test_parts_are_nested_and_keep_groups_whole(problem):
    seen = []

    class Watching(Fussy):
        def fit(self, X, y, groups=None):
            seen.append((X.index.to_numpy(), np.array(groups)))
            self.targets_ = np.array(y)
            return self

    learning_curves(
        [entrant("w", Watching())],
        problem,
        folds(problem),
        sizes=(0.3, 0.6, 1.0),
        repeats=1,
    )
    for fold in range(3):
        parts = seen[3 * fold : 3 * fold + 3]
        rows = [set(r.tolist()) for r, _ in parts]
        assert rows[0] < rows[1] < rows[2]
        for index, groups in parts:
            assert (groups == problem.groups[index]).all()
            assert all(np.sum(groups == g) == 3 for g in groups)


def test_every_beginning_of_the_order_holds_both_classes_in_their_shares():
    y = np.r_[np.zeros(10), np.ones(50)]
    X = pd.DataFrame({"a": np.random.default_rng(0).normal(size=60)})
    problem = make_problem(X, y, task="classification")
    order = nested_order(problem, np.arange(60), np.random.default_rng(1))
    assert sorted(order.tolist()) == list(range(60))
    zeros = np.cumsum(y[order] == 0)
    assert np.abs(zeros - np.arange(1, 61) / 6).max() <= 1
    other = nested_order(problem, np.arange(60), np.random.default_rng(2))
    assert order.tolist() != other.tolist()


def test_all_rows_give_what_the_comparison_gives(problem):
    field, splits = [entrant("line", BestColumn())], folds(problem, n_repeats=2)
    found = learning_curves(field, problem, splits, sizes=(0.5, 1.0))
    whole = found.curves[found.curves["size"] == 1]
    scores = compare(field, problem, [splits]).scores
    own = scores.query("competitor == 'line' and metric == 'mae' and repeat == 0")
    assert whole["held_out"].tolist() == own[own["fold"] >= 0]["value"].tolist()
    # at all rows there is one part, below two of them
    assert found.curves["size"].value_counts().to_dict() == {0.5: 6, 1.0: 3}


def test_fronts_show_training_and_held_out_errors_of_every_size(problem):
    found = learning_curves(
        [entrant("line", BestColumn())], problem, folds(problem), sizes=(1.0,)
    )
    fronts = found.fronts
    assert sorted(fronts["limit"].unique()) == [0, 1]
    assert fronts.query("chosen")["limit"].tolist() == [1, 1, 1]
    mean = fronts.groupby("limit")[["train", "held_out"]].mean()
    assert (mean.loc[1] < mean.loc[0]).all()
    whole = found.curves.set_index("fold")
    line = fronts.query("limit == 1").set_index("fold")
    assert line["train"].tolist() == whole["train"].tolist()
    assert line["held_out"].tolist() == whole["held_out"].tolist()


def test_training_errors_of_an_overfitting_model_rise_with_the_rows():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(90, 12)))
    problem = make_problem(X, rng.normal(size=90), task="regression")
    found = learning_curves(
        [entrant("ols", LinearRegression(), "black box")],
        problem,
        k_fold(problem.y),
        sizes=(0.3, 1.0),
    )
    mean = found.curves.groupby("size")[["train", "held_out"]].mean()
    assert mean.loc[0.3, "train"] < mean.loc[1.0, "train"]
    assert mean.loc[0.3, "held_out"] > mean.loc[1.0, "held_out"]


def test_too_few_rows_for_a_procedure_are_said_and_do_not_stop_the_others(problem):
    found = learning_curves(
        [entrant("fussy", Fussy()), entrant("line", BestColumn())],
        problem,
        folds(problem),
        sizes=(0.2, 1.0),
    )
    fussy = found.curves.query("competitor == 'fussy'").set_index("size")
    assert (fussy.loc[0.2, "failed"] == "too few rows").all()
    assert fussy.loc[0.2, "held_out"].isna().all()
    assert fussy.loc[1.0, "held_out"].notna().all()
    assert (found.curves.query("competitor == 'line'")["failed"] == "").all()


def test_workers_and_a_stop_change_nothing(problem, tmp_path):
    field = [entrant("line", BestColumn())]

    def run(**options):
        return learning_curves(
            field,
            problem,
            folds(problem),
            sizes=(0.5, 1.0),
            runner=Runner(**options),
        )

    alone = run()
    store = Store(tmp_path, "c")
    with parallel_config("threading"):
        many = run(n_jobs=2, store=store)
    kept = sorted(tmp_path.rglob("??/*.json"))
    assert len(kept) == 9
    for path in kept[:4]:
        path.unlink()
    resumed = run(store=store)
    for other in (many, resumed):
        pd.testing.assert_frame_equal(
            alone.curves.drop(columns="seconds"), other.curves.drop(columns="seconds")
        )
        pd.testing.assert_frame_equal(alone.fronts, other.fronts)


def test_of_classes_the_error_is_the_brier_score_or_one_less_the_metric():
    rng = np.random.default_rng(2)
    X = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60)})
    y = (X["a"] + 0.5 * rng.normal(size=60) > 0).astype(int)
    problem = make_problem(X, y, task="classification")
    splits = k_fold(y, n_splits=3, stratified=True)
    field = [entrant("nb", GaussianNB(), "black box")]
    scores = compare(field, problem, [splits]).scores
    for metric, sign in (("brier", 1), ("balanced_accuracy", -1)):
        found = learning_curves(field, problem, splits, sizes=(1.0,), metric=metric)
        own = scores[(scores["metric"] == metric) & (scores["fold"] >= 0)]["value"]
        want = own if sign > 0 else 1 - own
        assert found.curves["held_out"].tolist() == pytest.approx(want.tolist())
    assert learning_curves(field, problem, splits, sizes=(1.0,)).metric == "brier"


def test_a_power_law_is_recovered_and_says_that_more_rows_help():
    n = np.array([20.0, 40.0, 60.0, 80.0, 100.0])
    a, b, c = power_law(n, np.array([2 + 50 * n**-0.7, np.full(5, 3.0)]))
    assert a == pytest.approx([2, 3], rel=0.05)
    assert b == pytest.approx([50, 0], rel=0.05, abs=1e-9)
    assert c[0] == pytest.approx(0.7, rel=0.05)
    rng = np.random.default_rng(0)
    law = 2 + 50 * n**-0.7
    said = outlook(n, law + 0.02 * rng.normal(size=(5, 5)))
    assert said.verdict == "helps"
    assert said.doubled == pytest.approx(2 + 50 * 200**-0.7, rel=0.05)
    assert said.ratio_low <= said.ratio <= said.ratio_high


def test_a_law_near_its_floor_says_that_more_rows_do_little():
    n = np.array([20.0, 40.0, 60.0, 80.0, 100.0])
    rng = np.random.default_rng(0)
    said = outlook(n, 3 + 30 / n + 0.01 * rng.normal(size=(5, 5)))
    assert said.verdict == "little"
    assert not said.at_limit
    assert said.exponent == pytest.approx(1.0, rel=0.1)


@pytest.mark.parametrize("law", [3 + 0 * SIZES, 3 + 100 / SIZES**3])
def test_a_curve_that_is_level_or_falls_too_fast_is_flat_from_some_size_on(law):
    said = outlook(SIZES, law + 0.01 * np.random.default_rng(3).normal(size=(5, 5)))
    assert said.level or said.at_limit == "upper"
    assert said.verdict == "flat"
    assert said.flat_from == 20
    assert said.last == pytest.approx(law[-1], abs=0.02)


def test_a_law_that_is_not_to_be_trusted_cannot_tell():
    noise = 0.3 * np.random.default_rng(2).normal(size=(5, 5))
    rising = outlook(SIZES, 3 + 0.01 * SIZES + noise)
    assert rising.level
    assert rising.at_limit == ""
    slow = outlook(SIZES, 9 - 0.01 * SIZES + noise)
    assert slow.at_limit == "lower"
    # the error jumps down at the last size, where no such law can follow
    jump = outlook(SIZES, np.where(SIZES < 100, 5 + 10 / SIZES, 3.0) + 0.1 * noise)
    assert jump.misses
    for said in (rising, slow, jump):
        assert said.verdict == "cannot tell"
        assert np.isnan(said.flat_from)


def test_the_last_two_sizes_alone_make_no_curve_flat():
    errors = np.array([9.0, 7.0, 5.0, 3.0, 3.0])
    said = outlook(SIZES, errors + 1e-3 * np.random.default_rng(0).normal(size=(5, 5)))
    assert np.isnan(said.flat_from)


def test_a_noisy_curve_cannot_tell():
    n = np.array([20.0, 40.0, 60.0, 80.0, 100.0])
    rng = np.random.default_rng(1)
    assert outlook(n, 3 + rng.normal(size=(5, 5))).verdict == "cannot tell"
    assert outlook(n[:3], np.ones((5, 3))) is None
    assert outlook(n, np.ones((1, 5))) is None


def test_impossible_questions_are_refused(problem):
    field, splits = [entrant("line", BestColumn())], folds(problem)
    with pytest.raises(HecsrError, match="sizes 0, 1: give shares"):
        learning_curves(field, problem, splits, sizes=(0, 1))
    with pytest.raises(HecsrError, match="at least 1"):
        learning_curves(field, problem, splits, repeats=0)
    with pytest.raises(HecsrError, match="'brier' is no metric of a regression"):
        learning_curves(field, problem, splits, metric="brier")
    with pytest.raises(HecsrError, match="different names: line"):
        learning_curves([*field, *field], problem, splits)
