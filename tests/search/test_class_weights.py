"""What mistakes about the two classes weigh, at fit and at decision."""

import numpy as np
import pandas as pd
import pytest

from hecsr.errors import SearchError
from hecsr.search.class_weights import class_weighted, threshold_of
from hecsr.search.lasso import LassoFormulaClassifier
from hecsr.search.lasso_basis import LassoBasis
from hecsr.search.sisso.estimator import SissoClassifier
from hecsr.search.sisso.space import Budget, SearchSpace

SISSO = SissoClassifier(
    space=SearchSpace(operators=("*", "/"), rungs=1), budget=Budget(sis=8), max_terms=1
)
ENGINES = [
    SISSO,
    LassoFormulaClassifier(basis=LassoBasis(ratios=False), max_terms=1),
]


def problem(n=90, seed=0):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.uniform(1, 3, (n, 3)), columns=list("abc"))
    y = np.where(x.a * x.b + rng.normal(size=n) > 2.5, "single", "multi")
    return x, y


def fitted(engine, x, y, weights=None, **changes):
    from sklearn.base import clone

    return clone(engine).set_params(inner_folds=0, **changes).fit(x, y, None, weights)


@pytest.mark.parametrize("engine", ENGINES)
def test_class_weights_are_sample_weights_by_class(engine):
    x, y = problem()
    weights = np.random.default_rng(1).integers(1, 4, len(y)).astype(float)
    by_class = fitted(engine, x, y, weights, class_weight={"multi": 3.0})
    by_sample = fitted(engine, x, y, np.where(y == "multi", 3, 1) * weights)
    assert by_class.front_ == by_sample.front_
    plain = fitted(engine, x, y, weights)
    assert by_class.predict_proba(x)[:, 0].mean() > plain.predict_proba(x)[:, 0].mean()


@pytest.mark.parametrize("engine", ENGINES)
def test_balanced_classes_are_equally_common(engine):
    x, y = problem()
    assert (y == "multi").mean() < 0.4
    found = fitted(engine, x, y, class_weight="balanced")
    share = found.predict_front(x.iloc[:1])[0, 0]
    assert share == pytest.approx(0.5, abs=1e-9)


def test_balanced_weights_count_the_weights_of_the_samples():
    y = np.array([0.0, 0, 0, 1])
    weights = np.array([1.0, 1, 2, 2])
    found = class_weighted("balanced", np.array([0, 1]), y, weights)
    np.testing.assert_allclose(found, [0.75, 0.75, 1.5, 3])
    assert class_weighted(None, np.array([0, 1]), y, None) is None


def test_class_weights_enter_the_choice_by_the_inner_folds():
    x, y = problem()
    plain = SissoClassifier(max_terms=1, budget=Budget(sis=5)).fit(x, y)
    heavy = SissoClassifier(
        max_terms=1, budget=Budget(sis=5), class_weight={"multi": 50}
    ).fit(x, y)
    for found, weight in [(plain, 1), (heavy, 50)]:
        share = 1 / (1 + weight * (y == "multi").sum() / (y == "single").sum())
        # the Brier score of the share alone
        assert found.front_[0].error == pytest.approx(share * (1 - share), rel=0.05)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("balance", "is 'balance'; allowed: None, 'balanced'"),
        ({"other": 2.0}, "names 'other', but the classes are 'multi' and 'single'"),
        ({"multi": 0.0}, "must be positive and finite"),
        ({"multi": np.inf}, "must be positive and finite"),
    ],
)
def test_class_weights_that_mean_nothing_are_refused(given, words):
    x, y = problem()
    with pytest.raises(SearchError, match=words):
        fitted(SISSO, x, y, class_weight=given)


def test_the_class_that_costs_less_is_called():
    x, y = problem()
    found = fitted(SISSO, x, y)
    p = found.predict_proba(x)
    for one, two in [(1, 1), (5, 1), (0.2, 7)]:
        # expected cost of calling the second, and of calling the first
        second = p[:, 0] * one < p[:, 1] * two
        expected = np.where(second, "single", "multi")
        np.testing.assert_array_equal(found.decide(x, costs=(one, two)), expected)
    np.testing.assert_array_equal(found.decide(x, costs=(1, 1)), found.predict(x))
    assert set(found.decide(x, costs=(1, 0))) == {"multi"}


def test_where_undefined_the_share_decides():
    rng = np.random.default_rng(0)
    x = pd.DataFrame({"a": rng.uniform(1, 3, 60)})
    y = (np.log(x.a) > np.log(1.5)).astype(int)
    space = SearchSpace(operators=("log",), rungs=1, max_complexity=1)
    found = SissoClassifier(space=space, max_terms=1, inner_folds=0).fit(x, y)
    beyond = pd.DataFrame({"a": [-1.0]})
    assert np.isnan(found.predict_proba(beyond)).all()
    share = y.mean()
    assert found.decide(beyond, costs=(1, 1))[0] == 1
    assert found.decide(beyond, costs=(share + 0.02, 1 - share - 0.02))[0] == 0
    assert found.decide(beyond, costs=(share - 0.02, 1 - share + 0.02))[0] == 1


@pytest.mark.parametrize("costs", [(1,), (1, -1), (0, 0), (np.nan, 1), (np.inf, 1)])
def test_costs_that_are_none_are_refused(costs):
    with pytest.raises(SearchError, match="two numbers, not negative"):
        threshold_of(costs)


@pytest.mark.parametrize("n_first", [1, 2])
@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 1000, 1: 1e-4}])
@pytest.mark.parametrize(
    "engine",
    [
        SissoClassifier(space=SearchSpace(rungs=1), budget=Budget(sis=10)),
        SissoClassifier(
            space=SearchSpace(rungs=1), budget=Budget(sis=10), criterion="overlap"
        ),
        LassoFormulaClassifier(),
    ],
)
def test_separable_classes_have_finite_coefficients(engine, class_weight, n_first):
    x, _ = problem(n=40)
    ratio = (x.a / x.b).to_numpy()
    y = np.ones(40, int)
    y[np.argsort(ratio)[:n_first]] = 0
    found = fitted(engine, x, y, class_weight=class_weight, max_terms=2)
    for point in found.front_:
        numbers = [(c.value, c.standard_error) for c in point.formula.coefficients]
        assert np.isfinite(numbers).all()
        assert np.abs([value for value, _ in numbers]).max() < 1e3
    p = found.predict_proba(x)[:, 1]
    assert np.isfinite(p).all()
    if class_weight == "balanced":
        assert p[y == 0].max() < p[y == 1].min()
