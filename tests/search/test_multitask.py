"""Several tasks share the terms of a law, each with coefficients of its own."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.search.samples import Samples
from hecsr.search.selection import make_splits
from hecsr.search.sisso.estimator import SissoRegressor
from hecsr.search.sisso.multitask import SissoMultiTask
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.search.task_samples import sorted_by_task
from hecsr.units import parse_unit

SMALL = {"space": SearchSpace(rungs=1), "budget": Budget(sis=8), "max_terms": 2}


def problem(noise=0.0, seed=0):
    """Three tasks, rows mixed: a*b and c/d with other coefficients in each."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.uniform(1, 3, (90, 4)), columns=list("abcd"))
    tasks = np.array(["nitride", "carbide", "boride"])[rng.integers(0, 3, 90)]
    first = pd.Series(tasks).map({"nitride": 2.0, "carbide": -1.0, "boride": 0.5})
    second = pd.Series(tasks).map({"nitride": 1.0, "carbide": 5.0, "boride": -4.0})
    y = first * x.a * x.b + second * x.c / x.d + first
    return x, y + noise * rng.normal(size=90), tasks


def test_shared_terms_are_found_and_hold_elsewhere():
    x, y, tasks = problem()
    found = SissoMultiTask(**SMALL, inner_folds=0).fit(x, y, tasks)
    assert found.tasks_ == ("boride", "carbide", "nitride")
    assert len({formula.names for formula in found.formulas_.values()}) == 1
    fresh, truth, labels = problem(seed=1)
    np.testing.assert_allclose(found.predict(fresh, labels), truth, rtol=1e-9)
    assert found.score(fresh, truth, labels) == pytest.approx(1)
    front = found.predict_front(fresh, labels)
    np.testing.assert_array_equal(front[:, -1], found.predict(fresh, labels))


def test_each_formula_is_the_least_squares_fit_of_its_task():
    x, y, tasks = problem(noise=0.3)
    found = SissoMultiTask(**SMALL, inner_folds=0).fit(x, y, tasks)
    for point in found.front_:
        for task, formula in point.formulas.items():
            own = tasks == task
            columns = {name: x.loc[own, name].to_numpy() for name in x}
            terms = [term.children[1] for term in formula.terms]
            alone = fit_formula(
                terms, columns, y[own].to_numpy(), task="regression",
                target=Target("y"), descriptors={},
            )  # fmt: skip
            np.testing.assert_allclose(
                [c.value for c in formula.coefficients],
                [c.value for c in alone.coefficients],
                rtol=1e-9,
            )
            assert formula.n_samples == own.sum()


def test_the_order_of_the_rows_does_not_matter():
    x, y, tasks = problem(noise=0.3)
    mixed = np.random.default_rng(0).permutation(len(x))
    one = SissoMultiTask(**SMALL, inner_folds=0).fit(x, y, tasks)
    other = SissoMultiTask(**SMALL, inner_folds=0)
    other.fit(x.iloc[mixed], y.iloc[mixed], tasks[mixed])
    np.testing.assert_allclose(one.predict(x, tasks), other.predict(x, tasks))


def test_one_task_is_plain_regression():
    x, y, _ = problem(noise=0.3)
    plain = SissoRegressor(**SMALL, inner_folds=0).fit(x, y)
    found = SissoMultiTask(**SMALL, inner_folds=0).fit(x, y, np.zeros(len(x), int))
    assert found.formulas_[0].expression == plain.formula_.expression
    np.testing.assert_allclose(found.predict(x, np.zeros(90, int)), plain.predict(x))


def test_inner_folds_choose_the_terms_that_are_there():
    x, y, tasks = problem(noise=0.2)
    found = SissoMultiTask(**SMALL | {"max_terms": 3}, inner_folds=4)
    found.fit(x, y, tasks)
    assert found.limit_ == 2
    assert [p.limit for p in found.front_] == [0, 1, 2, 3]
    errors = [p.error for p in found.front_]
    assert errors[0] > 5 * errors[2]
    assert all(p.error_se > 0 for p in found.front_)
    assert found.front_[0].complexity == 0
    assert found.models_[2][0].formula == found.formulas_


def test_folds_leave_every_task_enough_rows():
    x, y, tasks = problem()
    samples = Samples(x.to_numpy(), (), y.to_numpy(), None, "regression")
    ours, _ = sorted_by_task(samples, tasks)
    for train, test in make_splits(ours, 5, None, 0, least=20):
        assert np.bincount(ours.codes[train]).min() >= 20
        assert len(np.unique(ours.codes[test])) == 3
        part = ours.rows(train)
        np.testing.assert_array_equal(part.codes, ours.codes[train])
    with pytest.raises(SearchError, match="train on 80 rows of every task"):
        make_splits(ours, 5, None, 0, least=80)


def test_groups_are_never_parted():
    x, y, tasks = problem(noise=0.2)
    groups = np.arange(90) // 3
    found = SissoMultiTask(**SMALL, inner_folds=3).fit(x, y, tasks, groups)
    assert found.limit_ == 2
    with pytest.raises(SearchError, match="each task needs at least two groups"):
        SissoMultiTask(**SMALL, inner_folds=3).fit(x, y, tasks, tasks)


def test_weights_of_zero_leave_rows_and_tasks_out():
    x, y, tasks = problem(noise=0.2)
    weights = (tasks != "boride").astype(float)
    found = SissoMultiTask(**SMALL, inner_folds=0)
    found.fit(x, y, tasks, sample_weight=weights)
    assert found.tasks_ == ("carbide", "nitride")
    kept = weights > 0
    alone = clone(found).fit(x[kept], y[kept], tasks[kept])
    assert alone.formulas_ == found.formulas_


def test_units_and_intercept_are_those_of_a_single_task():
    x, y, tasks = problem()
    y = y - pd.Series(tasks).map({"nitride": 2.0, "carbide": -1.0, "boride": 0.5})
    described = [Descriptor(n, unit=parse_unit("m")) for n in "ab"]
    found = SissoMultiTask(
        space=SearchSpace(rungs=1), budget=Budget(sis=50), max_terms=2,
        inner_folds=0, fit_intercept=False, descriptors=described,
        target=Target("E", unit=parse_unit("J")),
    ).fit(x, y, tasks)  # fmt: skip
    assert [p.limit for p in found.front_] == [0, 1, 2]
    np.testing.assert_allclose(found.predict(x, tasks), y, rtol=1e-9)
    for formula in found.formulas_.values():
        assert {c.name for c in formula.coefficients} == {"c1", "c2"}
        assert {c.unit.text for c in formula.coefficients} == {"J", "J/m^2"}


def test_a_term_without_variation_in_a_task_is_left_out_there():
    x, y, tasks = problem(noise=0.1)
    x.loc[tasks == "boride", ["a", "b"]] = 2.0
    found = SissoMultiTask(**SMALL, inner_folds=0).fit(x, y, tasks)
    assert np.isfinite(found.predict(x, tasks)).all()
    counts = {task: len(f.terms) for task, f in found.formulas_.items()}
    assert counts["boride"] < counts["carbide"] == counts["nitride"] == 2


def test_a_row_beyond_the_domain_of_its_formula_is_undefined():
    x, y, tasks = problem()
    y = np.log(x.a) * np.where(tasks == "boride", 2, 3)
    found = SissoMultiTask(
        space=SearchSpace(operators=("log",), rungs=1), max_terms=1, inner_folds=0
    ).fit(x, y, tasks)
    value = found.predict(x.assign(a=x.a.where(tasks == "boride", -1.0)), tasks)
    np.testing.assert_array_equal(np.isnan(value), tasks != "boride")


def test_tasks_are_routed_through_a_grid_search():
    x, y, tasks = problem(noise=0.2)
    with config_context(enable_metadata_routing=True):
        engine = SissoMultiTask(**SMALL, inner_folds=0)
        engine.set_fit_request(tasks=True).set_score_request(tasks=True)
        grid = GridSearchCV(engine, {"max_terms": [1, 2]}, cv=3)
        grid.fit(x, y, tasks=tasks)
    assert grid.best_params_ == {"max_terms": 2}
    assert grid.best_score_ > 0.9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t[:5], r"tasks has shape \(5,\)"),
        (lambda t: np.where(np.arange(90) < 3, "rare", t), "'rare' has 3 samples"),
        (lambda t: np.where(t == "boride", None, t), "no label"),
        (lambda t: np.arange(90), "has 1 samples"),
    ],
)
def test_tasks_that_cannot_be_searched(change, words):
    x, y, tasks = problem()
    with pytest.raises(SearchError, match=words):
        SissoMultiTask(**SMALL).fit(x, y, change(tasks))


def test_a_task_of_one_value_is_named():
    x, y, tasks = problem()
    y = y.where(tasks != "boride", 4.0)
    with pytest.raises(SearchError, match="'boride' holds one value only"):
        SissoMultiTask(**SMALL).fit(x, y, tasks)


def test_tasks_that_were_not_fitted_are_named():
    x, y, tasks = problem()
    with pytest.raises(NotFittedError):
        SissoMultiTask(**SMALL).predict(x, tasks)
    found = SissoMultiTask(**SMALL, inner_folds=0).fit(x, y, tasks)
    with pytest.raises(SearchError, match="no task oxide was fitted; there are boride"):
        found.predict(x, np.full(90, "oxide"))


def test_a_descriptor_that_differs_between_tasks_only_may_stand_in_a_term():
    rng = np.random.default_rng(4)
    x = pd.DataFrame({"E": rng.uniform(1, 2, 40), "T": np.repeat([1.0, 2.0], 20)})
    tasks = np.repeat([0, 1], 20)
    y = np.where(tasks == 0, 3.0, -2.0) * np.exp(-x.E / x["T"]) + tasks
    space = SearchSpace(operators=("/", "exp-"), max_complexity=3)
    found = SissoMultiTask(space=space, max_terms=1, inner_folds=0).fit(x, y, tasks)
    np.testing.assert_allclose(found.predict(x, tasks), y, atol=1e-9)
