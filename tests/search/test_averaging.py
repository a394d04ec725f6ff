"""Information criteria and Akaike weights against a hand computation."""

import math

import numpy as np
import pytest
from pools import make_pool, make_problem

from hecsr.search.sisso.averaging import akaike_weights, criteria
from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.sparsifying.sparsify import Model, refit


def model_of(residual, size=1):
    return Model(tuple(range(size)), 0.1, np.array(residual), 1.0)


def test_criteria_of_equal_weights_by_hand():
    residual = [1.0, -1.0, 2.0, -2.0, 0.0, 1.0, 0.0, -1.0]
    found = criteria(model_of(residual), Weighting(np.full(8, 1 / 8)))
    # a coefficient, an intercept and the variance; sum of squares 12
    log_likelihood = -4 * (math.log(2 * math.pi * 12 / 8) + 1)
    assert (found.n, found.parameters) == (8, 3)
    assert found.residual_sum == pytest.approx(12)
    assert found.log_likelihood == pytest.approx(log_likelihood)
    assert found.aicc == pytest.approx(6 - 2 * log_likelihood + 2 * 3 * 4 / 4)
    assert found.bic == pytest.approx(3 * math.log(8) - 2 * log_likelihood)


def test_parameters_are_counted_for_each_task():
    residual = np.ones(30)
    share = np.full(30, 1 / 30)
    tasks = Weighting(share, edges=(0, 10, 20, 30))
    assert criteria(model_of(residual, 2), tasks).parameters == 3 * 3 + 1
    through_zero = Weighting(share, centred=False, edges=(0, 10, 20, 30))
    assert criteria(model_of(residual, 2), through_zero).parameters == 3 * 2 + 1


def test_weights_are_inverse_variances():
    share = np.array([1.0, 2.0, 3.0, 2.0, 1.0, 1.0, 0.0])
    residual = [1.0, -0.5, 0.2, 0.7, -1.0, 0.1, 0.0]
    found = criteria(model_of(residual), Weighting(share / share.sum()))
    w = share[:6] * 6 / share.sum()
    square = w @ np.square(residual[:6])
    variance = square / 6 / w
    density = np.square(residual[:6]) / variance + np.log(2 * np.pi * variance)
    assert found.n == 6
    assert found.residual_sum == pytest.approx(square)
    assert found.log_likelihood == pytest.approx(-0.5 * density.sum())


def test_a_model_of_too_many_parameters_has_infinite_aicc():
    weighting = Weighting(np.full(5, 0.2))
    assert criteria(model_of(np.ones(5), 2), weighting).aicc == np.inf
    assert np.isfinite(criteria(model_of(np.ones(5), 1), weighting).aicc)
    assert np.isfinite(criteria(model_of(np.ones(5), 2), weighting).bic)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_extreme_residuals_shift_the_likelihood(scale):
    weighting = Weighting(np.full(8, 1 / 8))
    residual = np.array([1.0, -1.0, 2.0, -2.0, 0.0, 1.0, 0.0, -1.0])
    plain = criteria(model_of(residual), weighting)
    with np.errstate(over="ignore"):
        found = criteria(model_of(residual * scale), weighting)
    shift = 8 * math.log(scale)
    assert found.log_likelihood == pytest.approx(plain.log_likelihood - shift)


def test_a_model_without_residual_takes_all_weight():
    weighting = Weighting(np.full(8, 1 / 8))
    met = criteria(model_of(np.zeros(8)), weighting)
    other = criteria(model_of(np.ones(8)), weighting)
    assert met.aicc == -np.inf
    assert met.residual_sum == 0
    np.testing.assert_array_equal(akaike_weights([other.aicc, met.aicc]), [0, 1])


def test_akaike_weights_by_hand():
    found = akaike_weights([102.0, 100.0, np.inf, np.nan])
    assert found[1] / found[0] == pytest.approx(math.e)
    assert found.sum() == pytest.approx(1)
    assert found[2] == found[3] == 0
    np.testing.assert_array_equal(akaike_weights([np.inf, np.nan]), [0, 0])
    np.testing.assert_array_equal(akaike_weights([]), [])
    np.testing.assert_array_equal(akaike_weights([-np.inf, 3, -np.inf]), [0.5, 0, 0.5])


def test_the_criteria_of_a_fit_agree_with_its_loss():
    problem = make_problem(weighted=True)
    weighting = problem.pool.weighting
    model = refit(problem.pool, problem.y, np.array([[2, 10]]))[0]
    mean = weighting.share @ problem.y
    total = weighting.share @ (problem.y - mean) ** 2 * len(problem.y)
    found = criteria(model, weighting)
    assert found.residual_sum == pytest.approx(model.loss * total)
    smaller = refit(make_pool(problem.values, weighting), problem.y, np.array([[2]]))[0]
    assert criteria(smaller, weighting).residual_sum > found.residual_sum
