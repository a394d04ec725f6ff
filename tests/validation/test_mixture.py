"""Quantiles of mixtures of t distributions."""

import numpy as np
import pytest
from scipy.stats import t

from hecsr.validation.mixture import mixture_quantile


def test_one_component_has_its_own_quantile():
    mean, spread = np.array([[2.0], [-1.0]]), np.array([[0.5], [3.0]])
    for p in (0.025, 0.5, 0.9):
        found = mixture_quantile(p, mean, spread, np.array([7.0]), np.ones((2, 1)))
        np.testing.assert_allclose(found, t.ppf(p, 7, mean[:, 0], spread[:, 0]))


@pytest.mark.parametrize("p", [0.001, 0.05, 0.5, 0.75, 0.99])
def test_the_distribution_function_gives_the_probability_back(p):
    rng = np.random.default_rng(0)
    mean, spread = rng.normal(0, 5, (20, 6)), rng.uniform(0.01, 4, (20, 6))
    freedom, weight = rng.uniform(3, 50, 6), rng.dirichlet(np.ones(6), 20)
    x = mixture_quantile(p, mean, spread, freedom, weight)
    back = (weight * t.cdf(x[:, None], freedom, mean, spread)).sum(axis=1)
    np.testing.assert_allclose(back, p, rtol=1e-6)


def test_two_far_peaks_are_told_apart():
    # between the peaks the density is next to nothing and Newton's steps fly away
    mean, spread = np.array([[-100.0, 100.0]]), np.array([[1e-3, 1e-3]])
    freedom, weight = np.array([30.0, 30.0]), np.array([[0.4, 0.6]])
    low = mixture_quantile(0.2, mean, spread, freedom, weight)
    high = mixture_quantile(0.7, mean, spread, freedom, weight)
    assert low[0] == pytest.approx(-100, abs=0.01)
    assert high[0] == pytest.approx(100, abs=0.01)


def test_components_of_no_weight_do_not_count_and_none_is_nan():
    mean = np.array([[1.0, np.nan], [np.nan, np.nan]])
    spread = np.array([[1.0, np.nan], [np.nan, np.nan]])
    weight = np.array([[1.0, 0.0], [0.0, 0.0]])
    found = mixture_quantile(0.9, mean, spread, np.array([9.0, 9.0]), weight)
    assert found[0] == pytest.approx(1 + t.ppf(0.9, 9))
    assert np.isnan(found[1])
