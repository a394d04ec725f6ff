"""The path against scikit-learn's, and the formulas that it chooses."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, lasso_path

from hecsr.descriptors.descriptor import Descriptor
from hecsr.search.lasso import LassoFormula, LassoFormulaClassifier
from hecsr.search.lasso_basis import LassoBasis, candidates
from hecsr.search.lasso_path import descend_logistic, path, supports
from hecsr.search.samples import Samples
from hecsr.units import parse_unit


def problem(n=80, p=15):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, p)) + 0.7 * rng.normal(size=(n, 1))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = 2 * x[:, 1] - x[:, 5] + 0.5 * x[:, 9] + 0.3 * rng.normal(size=n)
    return x, y, np.full(n, 1 / n)


def test_path_is_that_of_scikit_learn():
    x, y, share = problem()
    rows = np.ascontiguousarray(x.T)
    ours = [
        (s, b)
        for k, (s, b) in enumerate(path(rows, y, share, logistic=False))
        if k % 20 == 0
    ]
    alphas = np.array([s for s, _ in ours])
    _, theirs, _ = lasso_path(
        x, y - y.mean(), alphas=alphas, tol=1e-10, max_iter=100_000
    )
    np.testing.assert_allclose(np.array([b[1:] for _, b in ours]).T, theirs, atol=1e-4)


@pytest.mark.parametrize("penalty", [0.15, 0.05, 0.01])
def test_logistic_path_is_that_of_scikit_learn(penalty):
    x, y, share = problem()
    labels = (y > 0.3).astype(float)
    beta = np.zeros(x.shape[1] + 1)
    descend_logistic(np.ascontiguousarray(x.T), labels, share, penalty, beta, 1e-12)
    model = LogisticRegression(
        l1_ratio=1.0,
        C=1 / (penalty * len(y)),
        solver="saga",
        tol=1e-8,
        max_iter=100_000,
    ).fit(x, labels)
    np.testing.assert_allclose(beta[1:], model.coef_[0], atol=2e-4)
    assert beta[0] == pytest.approx(model.intercept_[0], abs=2e-4)


def test_supports_grow_and_hold_the_truth():
    x, y, share = problem()
    found = supports(np.ascontiguousarray(x.T), y, share, 6, logistic=False)
    assert list(found) == [1, 2, 3, 4, 5, 6]
    assert all(len(members) == size for size, members in found.items())
    assert {1, 5, 9} <= set(found[6])


def samples(values, descriptors):
    y = np.arange(float(len(values)))
    return Samples(values, descriptors, y, None, "regression")


def test_basis_keeps_to_the_domain_and_the_simplest():
    rng = np.random.default_rng(0)
    values = np.column_stack([rng.uniform(1, 1.05, 50), rng.uniform(-1, 1, 50)])
    positive = Descriptor("a", unit=parse_unit("nm"), lower=0.0, reaches_zero=False)
    made = candidates(samples(values, (positive, Descriptor("b"))), LassoBasis())
    text = {repr(t) for t in made.terms}
    # over this narrow range a, its root, square and inverse are one column
    assert len(made.terms) == 3 or len(made.terms) == 4
    assert "Variable(name='a')" in text
    np.testing.assert_allclose(made.rows.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(made.rows.std(axis=1), 1)


def test_law_of_basis_terms_is_found():
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.uniform(1, 3, (120, 6)), columns=list("abcdef"))
    y = 3 * x.a * x.b - 5 * x.c / x.d + 0.1 * rng.normal(size=120)
    found = LassoFormula().fit(x, y)
    assert found.limit_ >= 2
    text = found.formula_.to_text()
    assert "a * b" in text
    assert "c / d" in text
    labels = LassoFormulaClassifier(max_terms=3).fit(x, y > y.median())
    assert labels.score(x, y > y.median()) > 0.9
