"""The set of formulas not told from the best, and the average over it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config

from hecsr.errors import HecsrError, SearchError
from hecsr.search.lasso import LassoFormula
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.listing import has_list, list_tuples
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.validation.folds import k_fold
from hecsr.validation.formula_set import described, rashomon_set
from hecsr.validation.parts import Runner, Store
from hecsr.validation.problem import make_problem
from hecsr.validation.rashomon import LEVELS, rashomon
from hecsr.validation.tuple_fits import effective_rows, fit_list, standardised

SPACE = SearchSpace(operators=("+", "-", "*", "/"), rungs=1, max_complexity=1)
SMALL = SissoRegressor(space=SPACE, budget=Budget(sis=12), max_terms=2, inner_folds=0)
CLASSES = SissoClassifier(
    space=SPACE, budget=Budget(sis=12), max_terms=1, inner_folds=0
)


@dataclass
class StandIn:
    """What is asked of an engine."""

    estimator: Any
    name: str = "sisso"
    label: str = "SISSO"
    description: str = "small"


def table(n=60, p=4, seed=0):
    rng = np.random.default_rng(seed)
    names = ["a", "b", "c", "d", "e"][:p]
    return pd.DataFrame(rng.uniform(1, 2, (n, p)), columns=names), rng


def law(X):
    return 4 * X["a"] / X["b"]


def test_the_long_list_is_that_of_brute_force():
    X, rng = table()
    y = law(X) + rng.normal(0, 0.3, len(X))
    listed = list_tuples(SMALL, X, y.to_numpy(), keep=50)
    rows, _ = standardised(listed)
    r = y.to_numpy() - y.mean()
    left = {}
    for i in range(len(rows[:24])):
        for j in range(i + 1, 24):
            basis = np.linalg.qr(rows[[i, j]].T)[0]
            left[i, j] = r @ r - np.sum((basis.T @ r) ** 2)
    best = sorted(left, key=left.get)[:50]
    assert listed.fitted[2] == 24 * 23 // 2
    assert len(listed.tuples[2]) == 50
    assert {tuple(t) for t in listed.tuples[2].tolist()} == set(best)


def test_the_leading_formulas_are_those_of_the_fit():
    X, rng = table()
    y = law(X) + rng.normal(0, 0.3, len(X))
    listed = list_tuples(SMALL, X, y.to_numpy(), keep=200)
    fitted = SissoRegressor(**SMALL.get_params()).fit(X, y)
    for d, models in fitted.models_.items():
        assert tuple(listed.terms[m] for m in listed.leading[d]) == models[0].terms


def test_candidates_are_counted_by_operators():
    X, rng = table()
    listed = list_tuples(SMALL, X, law(X).to_numpy() + rng.normal(0, 1, 60), keep=5)
    # six sums, six differences, six products and twelve ratios of four descriptors
    assert listed.candidates == {0: 4, 1: 30}


def test_engines_without_such_a_list_are_refused():
    X, _ = table()
    assert has_list(SMALL)
    assert has_list(CLASSES)
    assert not has_list(LassoFormula())
    assert not has_list(SissoRegressor(method="omp"))
    assert not has_list(SissoRegressor(fit_intercept=False))
    with pytest.raises(SearchError, match="LassoFormula does not fit every tuple"):
        list_tuples(LassoFormula(), X, law(X).to_numpy(), keep=5)


@pytest.mark.parametrize("classes", [False, True])
def test_errors_are_those_of_fits_without_the_row(classes):
    from hecsr.formula.fit import firth_logistic, least_squares

    X, rng = table(40)
    y = law(X) + rng.normal(0, 0.5, 40)
    if classes:
        y = (y > np.median(y)).astype(float)
    y = np.asarray(y)
    listed = list_tuples(CLASSES if classes else SMALL, X, y, keep=4)
    rows, _ = standardised(listed)
    size = 1 if classes else 2
    fits = fit_list(listed, rows)[size]
    for m in range(3):
        columns = rows[fits.members[m]].T * np.sqrt(40)
        for i in range(0, 40, 7):
            rest = np.arange(40) != i
            fit = (firth_logistic if classes else least_squares)(columns[rest], y[rest])
            value = fit.coefficients[0] + columns[i] @ fit.coefficients[1:]
            value = 1 / (1 + np.exp(-value)) if classes else value
            # one step of the penalised fit is near, a linear fit exact
            close = 0.03 if classes else 1e-9
            assert fits.errors[m, i] == pytest.approx(y[i] - value, abs=close)


def test_the_planted_law_is_in_the_set_as_often_as_the_level_says():
    held = 0
    for seed in range(20):
        X, rng = table(40, 3, seed)
        y = law(X) + rng.normal(0, 1.0, 40)
        found = rashomon_set(SMALL, X, y, level=0.9, seed=seed, keep=100)
        held += "a / b" in found.average.texts
    assert held >= 16  # 18 expected; fewer than 16 in one case of 20


def test_a_clear_law_leaves_few_formulas_and_noise_leaves_many():
    X, rng = table(60)
    noise = rng.normal(0, 1, 60)
    clear = rashomon_set(SMALL, X, law(X) + 0.05 * noise, keep=200)
    vague = rashomon_set(SMALL, X, law(X) + 3 * noise, keep=200)
    assert len(clear) < len(vague)
    assert clear.average.inclusion.set_index("name")["probability"]["a"] > 0.99
    assert vague.average.inclusion.set_index("name")["probability"]["a"] < 0.99


def test_a_higher_level_makes_a_larger_set():
    X, rng = table(60)
    y = law(X) + rng.normal(0, 0.7, 60)
    small, large = (rashomon_set(SMALL, X, y, level=v, keep=200) for v in (0.5, 0.99))
    assert len(small) < len(large)
    assert set(small.average.texts) <= set(large.average.texts)


def test_a_full_list_is_reported():
    X, rng = table(60)
    y = rng.normal(0, 1, 60)
    assert 2 in rashomon_set(SMALL, X, y, keep=20).full
    assert rashomon_set(SMALL, X, y, keep=400).full == ()


def test_sums_that_span_the_same_count_once():
    X, rng = table(60, 2)
    space = replace(SPACE, operators=("+", "-"))
    search = SissoRegressor(space=space, budget=Budget(sis=9), max_terms=2)
    y = X["a"] + 3 * X["b"] + rng.normal(0, 0.2, 60)
    found = rashomon_set(search, X, y, keep=100)
    # a, b, a + b and a - b: every pair spans the same plane
    assert sum(";" in text for text in found.average.texts) == 1
    assert "a; b" in found.average.texts or "b; a" in found.average.texts
    assert found.same > 0


def test_weights_sum_to_one_and_prefer_fewer_operators_at_equal_fit():
    X, rng = table(60)
    found = rashomon_set(SMALL, X, rng.normal(0, 1, 60), keep=200)
    fits = found.average.fits
    assert found.average.flat_weights.sum() == pytest.approx(1)
    # the same likelihood: one of 4 descriptors against one of 30 features
    of = fits[1].nodes, fits[1].log_prior
    by_nodes = {int(n): float(p) for n, p in zip(*of, strict=True)}
    assert by_nodes[0] - by_nodes[1] == pytest.approx(np.log(30 / 4))


def test_rows_of_groups_that_err_alike_count_as_few():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 5)
    shared = rng.normal(0, 1, 20)[groups]
    alike = shared + rng.normal(0, 0.05, 100)
    assert effective_rows(alike, groups) == pytest.approx(20, rel=0.05)
    assert effective_rows(rng.normal(0, 1, 100), groups) > 60
    assert effective_rows(alike, None) == 100
    assert effective_rows(alike, np.arange(100)) == 100


def test_groups_widen_the_set():
    rng = np.random.default_rng(3)
    X = pd.DataFrame(np.repeat(rng.uniform(1, 2, (15, 4)), 6, axis=0))
    X.columns = list("abcd")
    groups = np.repeat(np.arange(15), 6)
    y = law(X) + rng.normal(0, 0.3, 15)[groups] + rng.normal(0, 0.05, 90)
    alone = rashomon_set(SMALL, X, y, keep=200)
    together = rashomon_set(SMALL, X, y, groups=groups, keep=200)
    assert len(together) > len(alone)
    assert together.average.effective < 30
    top = [s.average.flat_weights.max() for s in (alone, together)]
    assert top[1] <= top[0]


def test_coverage_of_planted_laws_is_that_of_the_level():
    inside = {0.5: [], 0.9: []}
    for seed in range(25):
        X, rng = table(60, 3, seed)
        y = law(X) + rng.normal(0, 0.3, 60)
        found = rashomon_set(SMALL, X.iloc[:40], y.iloc[:40], seed=seed, keep=60)
        for level, of in inside.items():
            _, lower, upper = found.average.predict(X.iloc[40:], level)
            of.append(((lower <= y[40:]) & (y[40:] <= upper)).mean())
    for level, of in inside.items():
        # 500 rows, 20 of each law together: about 0.03 of standard error
        assert np.mean(of) == pytest.approx(level, abs=0.08)


def test_where_a_formula_is_undefined_the_others_speak():
    X, rng = table(60)
    y = law(X) + rng.normal(0, 0.5, 60)
    found = rashomon_set(SMALL, X, y, keep=200)
    new = X.iloc[:3].assign(b=0.0)
    each = found.average.components(new)[0]
    assert np.isnan(each).any()
    assert np.isfinite(each).any()
    mean, lower, upper = found.average.predict(new)
    assert (lower < mean).all()
    assert (mean < upper).all()


def test_levels_are_checked():
    X, rng = table(30)
    y = law(X) + rng.normal(0, 0.5, 30)
    with pytest.raises(HecsrError, match="level of the set is 1"):
        rashomon_set(SMALL, X, y, level=1, keep=20)
    found = rashomon_set(SMALL, X, y, keep=20)
    with pytest.raises(HecsrError, match="level of an interval is 90"):
        found.average.predict(X, 90)


def test_classes_have_an_averaged_probability_and_no_interval():
    X, rng = table(80)
    y = (law(X) + rng.normal(0, 0.6, 80) > 4).astype(int)
    found = rashomon_set(CLASSES, X, y, keep=100)
    mean, lower, upper = found.average.predict(X)
    assert ((mean > 0) & (mean < 1)).all()
    assert np.isnan(lower).all()
    assert np.isnan(upper).all()
    each, *_ = found.average.components(X)
    best = int(np.argmin(found.error))
    assert np.corrcoef(each[:, best], y)[0, 1] > 0.7
    assert described(found)["best"] == "a / b"


def study(task="regression", n=60):
    X, rng = table(n)
    y = law(X) + rng.normal(0, 0.4, n)
    estimator = SMALL
    if task == "classification":
        y, estimator = (y > 4).astype(float), CLASSES
    problem = make_problem(X, y, task=task, threshold=0.95)
    classes = task == "classification"
    splits = k_fold(problem.y, n_splits=3, n_repeats=2, stratified=classes)
    return StandIn(estimator), problem, splits


def same_frames(one, other):
    for name, value in vars(one).items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, getattr(other, name))
        else:
            assert value == getattr(other, name), name


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_stopped_run_is_resumed_to_the_last_digit(task, tmp_path):
    engine, problem, splits = study(task)
    options = {"splits": splits, "seed": 1, "keep": 60}
    plain = rashomon(engine, problem, **options)
    store = Store(tmp_path, "here")
    with parallel_config(backend="threading", n_jobs=2):
        first = rashomon(engine, problem, runner=Runner(store=store), **options)
    again = rashomon(engine, problem, runner=Runner(store=store), **options)
    same_frames(plain, first)
    same_frames(plain, again)


def test_held_out_rows_are_predicted_by_the_others():
    engine, problem, splits = study()
    found = rashomon(engine, problem, splits=splits, keep=60)
    changed = problem.y.copy()
    changed[splits.splits[0].test] += 100.0
    other = rashomon(engine, replace(problem, y=changed), splits=splits, keep=60)
    first = (found.held["repeat"] == 0) & (found.held["fold"] == 0)
    for name in ("mean", "best", "low", "high"):
        np.testing.assert_array_equal(found.held[name][first], other.held[name][first])


def test_coverage_is_counted_for_average_best_and_conformal():
    engine, problem, splits = study()
    found = rashomon(engine, problem, splits=splits, keep=60)
    assert list(found.coverage["kind"].unique()) == ["average", "best", "conformal"]
    assert (found.coverage.groupby("kind")["level"].count() == len(LEVELS)).all()
    # 60 rows, though each is held out twice
    assert (found.coverage["n"] == 60).all()
    inside = found.coverage.set_index(["kind", "level"])["observed"]
    assert 0.75 < inside["average", 0.9] <= 1
    assert (found.held["low"] <= found.held["mean"]).all()
    assert (found.held["mean"] <= found.held["high"]).all()
    assert found.calibration.empty
    assert {"a", "b"} <= set(found.descriptors["name"][:2])


def test_classes_are_scored_and_calibrated():
    engine, problem, splits = study("classification")
    found = rashomon(engine, problem, splits=splits, keep=60)
    assert found.coverage.empty
    assert found.calibration["n"].sum() == 60
    assert {"brier", "log_loss"} <= set(found.scores["metric"])
