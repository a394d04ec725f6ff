"""Terms exchanged for any feature of the space: what plain SISSO misses is found."""

import numpy as np
import pandas as pd
import pytest
from enumeration import enumerate_space

from hecsr.descriptors.descriptor import plain
from hecsr.errors import SearchError
from hecsr.formula.expression import evaluate
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.multitask import SissoMultiTask
from hecsr.search.sisso.space import Budget, SearchSpace

SPACE = SearchSpace(operators=("+", "-", "*", "/"), rungs=2, max_complexity=3)


def table(n=80, p=5, seed=0):
    """Correlated positive descriptors, as tabulated properties of elements are."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(n, 2)) @ rng.normal(size=(2, p)) * 0.6
    z = latent + 0.6 * rng.normal(size=(n, p))
    return pd.DataFrame(2 + np.tanh(z), columns=list("abcdefgh")[:p])


def hidden(x):
    """Two terms that nearly cancel: neither correlates with the target alone."""
    return 4 * (x.a + x.b) / x.c - 4 * x.a / x.c - 3.2 * x.b * x.d / x.e


def refined(**options):
    options = {"space": SPACE, "budget": Budget(sis=5), "inner_folds": 0} | options
    return SissoRegressor(**{"max_terms": 2} | options)


def error(found, x, y):
    return float(np.mean((y - found.predict(x)) ** 2))


def test_hidden_law_is_found_that_a_short_list_misses():
    x = table()
    y = hidden(x)
    fresh = table(n=1000, seed=1)
    simple = refined(beam=0).fit(x, y)
    assert error(simple, x, y) > 1e-3 * np.var(y)
    found = refined(beam=4).fit(x, y)
    np.testing.assert_allclose(found.predict(fresh), hidden(fresh), atol=1e-9)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("intercept", [True, False])
def test_no_exchange_of_one_term_lowers_the_error(seed, intercept):
    x = table(p=3, seed=seed)
    rng = np.random.default_rng(seed)
    y = np.log(x.a) * x.b + 0.5 * rng.normal(size=len(x))
    y = y.to_numpy()
    found = refined(beam=2, fit_intercept=intercept).fit(x, y)
    columns = {name: x[name].to_numpy() for name in x}
    every = enumerate_space(columns, [plain(name) for name in x], SPACE)
    terms = found.models_[2][0].terms
    base = [np.ones(len(x))] if intercept else []
    least = np.inf
    for stays in terms:
        fixed = [*base, evaluate(stays, columns)]
        for other in every:
            design = np.column_stack([*fixed, other.value / np.abs(other.value).max()])
            beta, _, rank, _ = np.linalg.lstsq(design, y, rcond=1e-9)
            if rank == design.shape[1]:
                least = min(least, float(np.mean((y - design @ beta) ** 2)))
    assert error(found, x, y) <= least * (1 + 1e-9)


def test_refined_front_is_nowhere_worse_than_the_plain_one():
    x = table()
    y = hidden(x) + 0.3 * np.random.default_rng(3).normal(size=len(x))
    options = {"max_terms": 3, "n_residuals": 2}
    simple, better = (refined(beam=b, **options).fit(x, y) for b in (0, 3))
    one = [np.mean((y - v) ** 2) for v in simple.predict_front(x).T]
    other = [np.mean((y - v) ** 2) for v in better.predict_front(x).T]
    assert np.all(np.array(other) <= np.array(one) * (1 + 1e-12))


def test_refinement_is_the_same_for_any_number_of_threads():
    x = table()
    y = hidden(x) + 0.3 * np.random.default_rng(3).normal(size=len(x))
    fronts = [refined(beam=3, n_jobs=jobs).fit(x, y).front_ for jobs in (1, 2)]
    assert fronts[0] == fronts[1]


def test_refined_models_contain_the_required_descriptor():
    x = table()
    y = hidden(x)
    space = SearchSpace(operators=("*", "/"), max_complexity=2, required=("d",))
    found = refined(space=space, beam=3).fit(x, y)
    for models in found.models_.values():
        for model in models:
            assert "d" in model.formula.names


def test_classes_can_be_told_by_refined_terms():
    x = table(n=120)
    score = hidden(x)
    y = (score > score.median()).astype(int)
    options = {"space": SPACE, "budget": Budget(sis=5), "max_terms": 2}
    simple = SissoClassifier(**options, inner_folds=0).fit(x, y)
    better = SissoClassifier(**options, inner_folds=0, beam=4).fit(x, y)
    assert better.score(x, y) >= simple.score(x, y)


def test_several_tasks_are_not_refined_and_say_so():
    x = table()
    with pytest.raises(SearchError, match=r"beam is 2.*beam=0"):
        SissoMultiTask(beam=2).fit(x, x.a, np.arange(80) % 2)
