"""Gaussian processes: those of scikit-learn, with faster gradients and a prior."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import check_grad
from scipy.special import expit
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

from hecsr.baselines import black_box
from hecsr.baselines.gaussian_process import (
    GaussianProcess,
    GaussianProcessClasses,
    _Mode,
    _regression_evidence,
)
from hecsr.baselines.kernels import NUGGET, Covariance
from hecsr.importance.frozen import frozen

KERNELS = {"rbf": RBF, "matern32": lambda scale: Matern(scale, nu=1.5)}


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    y = 5 + np.sin(2 * X["a"]) + 0.1 * rng.normal(size=40)
    return X, y.to_numpy()


def standardised(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("ard", [False, True])
def test_the_gradients_are_those_of_the_evidence(data, kernel, ard):
    X, y = standardised(data[0].to_numpy()), standardised(data[1])
    signs = np.where(y > 0, 1.0, -1.0)
    start = Covariance.start(kernel, X, ard=ard, noise=True)
    theta = start.theta + np.linspace(-0.2, 0.3, len(start.theta))

    def slope(t):
        _, weights, inverse = _regression_evidence(start.at(t), y)
        return start.at(t).gradient((np.outer(weights, weights) - inverse) / 2)

    def value(t):
        return _regression_evidence(start.at(t), y)[0]

    assert check_grad(value, slope, theta) < 1e-4
    classes = Covariance.start(kernel, X, ard=ard, noise=False)
    theta = classes.theta + 1 + np.linspace(-0.2, 0.3, len(classes.theta))

    def mode(t):
        return _Mode(classes.at(t).matrix(), signs, 0.3)

    assert (
        check_grad(
            lambda t: mode(t).evidence,
            lambda t: classes.at(t).gradient(mode(t).pull()),
            theta,
        )
        < 1e-4
    )


@pytest.mark.filterwarnings("ignore:The optimal value:UserWarning")
@pytest.mark.parametrize("kernel", KERNELS)
def test_one_length_scale_is_the_process_of_scikit_learn(data, kernel):
    X, y = data
    found = GaussianProcess(kernel).fit(X, y)
    kept = found.hyperparameters_
    shape = ConstantKernel(kept["signal"]) * KERNELS[kernel](kept["scales"]["a"])
    scaled, z = standardised(X.to_numpy()), standardised(y)
    peer = GaussianProcessRegressor(
        shape + WhiteKernel(kept["noise"]), alpha=NUGGET, optimizer=None
    ).fit(scaled, z)
    assert found.evidence_ == pytest.approx(peer.log_marginal_likelihood_value_)
    there = peer.predict(scaled + 0.2) * y.std() + y.mean()
    assert found.predict(X + 0.2 * X.to_numpy().std(axis=0)) == pytest.approx(there)
    # and there are no better hyperparameters
    best = peer.set_params(optimizer="fmin_l_bfgs_b").fit(scaled, z)
    assert found.evidence_ >= best.log_marginal_likelihood_value_ - 1e-3


@pytest.mark.parametrize("kernel", KERNELS)
def test_classes_have_the_mode_of_scikit_learn(data, kernel):
    X, y = data
    label = (y > np.median(y)).astype(int)
    found = GaussianProcessClasses(kernel).fit(X, label)
    kept = found.hyperparameters_
    shape = KERNELS[kernel](kept["scales"]["a"])
    scaled = standardised(X.to_numpy())
    peer = GaussianProcessClassifier(
        ConstantKernel(kept["signal"]) * shape, optimizer=None
    ).fit(scaled, label)
    assert found.evidence_ == pytest.approx(
        peer.log_marginal_likelihood_value_, abs=1e-5
    )
    # the two approximations of the mean of the logistic differ a little
    new = scaled + 0.3
    p = found.predict_proba(X + 0.3 * X.to_numpy().std(axis=0))
    assert p == pytest.approx(peer.predict_proba(new), abs=0.02)
    assert (found.predict(X) == label).mean() > 0.9


def test_the_mean_over_the_latent_function_is_that_of_many_draws(data):
    X, y = data
    found = GaussianProcessClasses().fit(X, (y > 5).astype(int))
    scaled = found._scaled(X[:5])
    matrix, mode = found._covariance.between(scaled), found._mode
    W = np.diag(mode.roots**2)
    K = found._covariance.matrix()
    inner = matrix @ np.linalg.inv(K + np.linalg.inv(W)) @ matrix.T
    variance = found._covariance.variance - np.diag(inner)
    mean = found._level + matrix @ mode.slope
    draws = mean + np.sqrt(variance) * np.random.default_rng(0).normal(size=(40000, 5))
    p = found.predict_proba(X[:5])[:, 1]
    assert p == pytest.approx(expit(draws).mean(axis=0), abs=0.02)


def test_length_scales_of_their_own_find_the_descriptor_that_matters(data):
    X, y = data
    scales = GaussianProcess(ard=True).fit(X, y).hyperparameters_["scales"]
    assert min(scales, key=scales.get) == "a"
    assert scales["b"] > 2 * scales["a"]
    assert scales["c"] > 2 * scales["a"]


def test_rows_that_repeat_each_other_and_constant_columns_are_fine(data):
    X, y = data
    twice = pd.concat([X, X], ignore_index=True).assign(d=1.0)
    found = GaussianProcess(ard=True).fit(twice, np.concatenate([y, y]))
    assert np.abs(found.predict(twice)[:40] - y).mean() < 0.2
    level = GaussianProcess().fit(X, np.full(40, 3.0))
    assert level.predict(X) == pytest.approx(3)


def test_a_refit_without_a_descriptor_keeps_the_hyperparameters(data):
    X, y = data
    box = black_box("gaussian_process", "regression")
    grid = {name: values[-1:] for name, values in box.grid.items()}
    box = box.set_params(grid=grid).fit(X, y)
    process = box.best_estimator_.named_steps["model"]
    again = frozen(box)
    assert np.array_equal(again.fit(X, y).predict(X), box.predict(X))
    without = again.fit(X.drop(columns="b"), y).best_estimator_.named_steps["model"]
    kept = dict(process.hyperparameters_["scales"])
    del kept["b"]
    assert without.hyperparameters_["scales"] == pytest.approx(kept)
    assert without.hyperparameters_["noise"] == process.hyperparameters_["noise"]


def test_components_that_the_held_scales_do_not_name_have_the_usual_one(data):
    X, y = data
    held = {"signal": 1.0, "noise": 0.1, "scales": {"a": 1.0, "b": 4.0}}
    found = GaussianProcess(ard=True, held=held).fit(X, y)
    assert found.hyperparameters_["scales"] == pytest.approx({"a": 1, "b": 4, "c": 2})
