"""What every engine does alike: checks, folds, choice, prediction."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.search.lasso import LassoFormula, LassoFormulaClassifier
from hecsr.search.samples import Samples
from hecsr.search.selection import make_splits, one_standard_error
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.multitask import SissoMultiTask
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.units import parse_unit

TINY = {"space": SearchSpace(rungs=1), "budget": Budget(sis=5), "max_terms": 2}


def table(n=40):
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.uniform(1, 2, (n, 3)), columns=["a", "b", "c"])


ENGINES = [LassoFormula(max_terms=2), SissoRegressor(**TINY)]
CLASSIFIERS = [LassoFormulaClassifier(max_terms=2), SissoClassifier(**TINY)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.assign(b=np.nan), r"NaN in 'b' \(40 rows\)"),
        (lambda x: x.assign(b=np.inf), r"infinite .* in 'b'"),
        (lambda x: x.assign(b="much"), "not numbers: 'b'"),
        (lambda x: x.set_axis(["a", "a", "c"], axis=1), "repeat: 'a'"),
        (lambda x: x[:0], "0 sample"),
        (lambda x: x[[]], "0 feature"),
    ],
)
def test_tables_that_cannot_be_searched(engine, change, words):
    x = table()
    y = x.a + x.b
    changed = change(x)
    with pytest.raises(ValueError, match=words):
        clone(engine).fit(changed, y[: len(changed)])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("y", "words"),
    [(np.ones(40), "one value only"), (np.full(40, np.nan), "NaN")],
)
def test_targets_that_cannot_be_searched(engine, y, words):
    with pytest.raises(ValueError, match=words):
        clone(engine).fit(table(), y)


@pytest.mark.parametrize("engine", CLASSIFIERS)
@pytest.mark.parametrize(
    ("y", "words"),
    [
        (["x"] * 40, "one class only"),
        (["x", "y", "z", "x"] * 10, "Only binary"),
        (["x"] + ["y"] * 39, "each class needs"),
    ],
)
def test_classes_that_cannot_be_searched(engine, y, words):
    with pytest.raises(SearchError, match=words):
        clone(engine).fit(table(), y)


def test_too_few_rows_say_how_many_are_needed():
    with pytest.raises(SearchError, match="at least 4"):
        LassoFormula(max_terms=2).fit(table(3), [1, 2, 4])


def test_celsius_is_refused():
    described = [Descriptor("a", unit=parse_unit("°C"))]
    with pytest.raises(SearchError, match="convert it"):
        LassoFormula(descriptors=described).fit(table(), table().a)


def test_weights_of_zero_leave_rows_out():
    x = table()
    y = (x.a * x.b).to_numpy().copy()
    weights = np.ones(40)
    weights[:10] = 0
    y[:10] = 1000
    kept = LassoFormula(max_terms=1).fit(x, y, sample_weight=weights)
    alone = LassoFormula(max_terms=1).fit(x[10:], y[10:])
    np.testing.assert_allclose(kept.predict(x), alone.predict(x))
    with pytest.raises(SearchError, match="not negative"):
        LassoFormula().fit(x, y, sample_weight=-weights)


def test_groups_are_never_parted():
    x = table()
    groups = np.repeat(np.arange(8), 5)
    for task in ("regression", "classification"):
        y = (np.arange(40) % 2).astype(float)
        samples = Samples(x.to_numpy(), (), y, None, task)
        for train, test in make_splits(samples, 4, groups, 0):
            assert not set(groups[train]) & set(groups[test])
    with pytest.raises(SearchError, match="needs more data"):
        LassoFormula().fit(x, x.a, groups=np.zeros(40))
    with pytest.raises(SearchError, match="groups has shape"):
        LassoFormula().fit(x, x.a, groups=np.zeros(3))


def test_choice_is_the_simplest_within_one_standard_error():
    mean = np.array([3.0, 1.2, 1.0, 1.1])
    assert one_standard_error(mean, np.array([0.1, 0.1, 0.3, 0.1])) == 1
    assert one_standard_error(mean, np.array([0.1, 0.1, 0.1, 0.1])) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_grid_search_and_cross_validation(engine):
    x = table()
    y = x.a * x.b + 0.05 * np.sin(np.arange(40))
    grid = GridSearchCV(
        clone(engine).set_params(inner_folds=2), {"max_terms": [1, 2]}, cv=3
    )
    grid.fit(x, y)
    assert grid.best_score_ > 0.8
    assert cross_val_score(engine, x, y, cv=3).mean() > 0.8


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("fit_intercept", [True, False]),
        ("method", ["exhaustive", "omp"]),
        ("n_residuals", [1, 3]),
        ("space", [SearchSpace(rungs=0), SearchSpace(rungs=1)]),
    ],
)
def test_every_option_of_the_sparse_search_can_be_tuned(name, values):
    x = table()
    y = x.a * x.b + 0.05 * np.sin(np.arange(40))
    engine = SissoRegressor(**TINY, inner_folds=0)
    grid = GridSearchCV(engine, {name: values}, cv=2).fit(x, y)
    assert grid.best_params_[name] in values
    assert engine.get_params()[name] == SissoRegressor(**TINY).get_params()[name]


@pytest.mark.parametrize("engine", [*ENGINES, *CLASSIFIERS, SissoMultiTask(**TINY)])
def test_a_clone_has_the_same_options_and_nothing_fitted(engine):
    copy = clone(engine)
    assert copy.get_params() == engine.get_params()
    assert len(copy.get_params()) <= 12
    assert not any(name.endswith("_") for name in vars(copy))


def test_a_fitted_estimator_survives_pickling():
    x = table()
    found = SissoRegressor(**TINY, inner_folds=0).fit(x, x.a * x.b, callback=print)
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.predict(x), found.predict(x))
    assert again.models_[1][0].formula == found.models_[1][0].formula


def test_array_columns_have_names_and_front_matches_prediction():
    x = table().to_numpy()
    found = LassoFormula(max_terms=2, inner_folds=0).fit(x, x[:, 0] + x[:, 2])
    assert set(found.formula_.names) <= {"x0", "x1", "x2"}
    front = found.predict_front(x)
    assert front.shape == (40, len(found.front_))
    np.testing.assert_array_equal(front[:, -1], found.predict(x))
    assert found.front_[0].error is None


def test_target_takes_the_name_of_the_series():
    x = table()
    found = LassoFormula(max_terms=1).fit(x, x.a.rename("hardness"))
    assert found.formula_.target.name == "hardness"


def test_undefined_rows_stay_undefined():
    x = table()
    found = SissoRegressor(
        space=SearchSpace(operators=("log",), rungs=1), max_terms=1, inner_folds=0
    ).fit(x, np.log(x.a))
    value = found.predict(x.assign(a=-1.0))
    assert np.isnan(value).all()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("folds", [0, 3])
def test_constant_descriptors_leave_the_mean(engine, folds):
    x = np.ones((20, 2))
    y = np.arange(20.0)
    found = clone(engine).set_params(inner_folds=folds).fit(x, y)
    assert len(found.front_) == 1
    assert found.predict(x) == pytest.approx(np.full(20, 9.5))


@pytest.mark.parametrize("engine", ENGINES + CLASSIFIERS)
def test_size_of_the_search_is_on_record(engine):
    x = table()
    found = clone(engine).fit(x, x.a > x.a.median())
    assert found.size_["descriptors"] == 3
    assert all(count > 0 for count in found.size_.values())
