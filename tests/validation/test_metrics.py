"""Metrics against numbers worked out by hand and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from hecsr.errors import HecsrError
from hecsr.validation.metrics import METRICS, loss, scores


def test_regression_by_hand():
    found = scores("regression", [1, 2, 3, 6], [1, 3, 3, 4])
    assert found["mae"] == pytest.approx(3 / 4)
    assert found["rmse"] == pytest.approx(np.sqrt(5 / 4))
    assert found["r2"] == pytest.approx(1 - 5 / 14)


def test_classification_by_hand():
    found = scores("classification", [1, 1, 1, 0], [0.9, 0.8, 0.4, 0.6])
    assert found["accuracy"] == 0.5
    assert found["balanced_accuracy"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["auc"] == pytest.approx(2 / 3)
    assert found["brier"] == pytest.approx((0.01 + 0.04 + 0.36 + 0.36) / 4)


@given(st.integers(0, 2**32 - 1), st.integers(4, 40))
@settings(max_examples=40, deadline=None)
def test_classification_agrees_with_scikit_learn(seed, n):
    rng = np.random.default_rng(seed)
    y = np.r_[0, 1, rng.integers(0, 2, n - 2)]
    p = rng.integers(0, 11, n) / 10
    found = scores("classification", y, p)
    called = (p >= 0.5).astype(int)
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(y, called))
    assert found["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(y, called)
    )
    assert found["mcc"] == pytest.approx(sk.matthews_corrcoef(y, called))
    assert found["auc"] == pytest.approx(sk.roc_auc_score(y, p))
    clipped = np.clip(p, 1e-12, 1 - 1e-12)
    assert found["log_loss"] == pytest.approx(sk.log_loss(y, clipped))


def test_a_certain_and_wrong_probability_stays_finite():
    found = scores("classification", [1, 0], [0.0, 0.0])
    assert found["log_loss"] == pytest.approx(-np.log(1e-12) / 2)


def test_a_rule_without_probability_has_no_brier_score():
    found = scores("classification", [1, 0, 1], [1.0, 0.0, 0.0], hard=True)
    assert np.isnan(found["brier"])
    assert np.isnan(found["log_loss"])
    assert found["auc"] == pytest.approx(0.75)


def test_rows_without_a_prediction_are_left_out():
    found = scores("regression", [1, 2, 9], [1, 3, np.nan])
    assert found["mae"] == 0.5
    empty = scores("classification", [1, 0], [np.nan, np.nan])
    assert set(empty) == set(METRICS["classification"])
    assert all(np.isnan(v) for v in empty.values())


def test_what_one_row_or_one_class_cannot_tell_is_nan():
    assert np.isnan(scores("regression", [1.0], [2.0])["r2"])
    found = scores("classification", [1, 1], [0.9, 0.2])
    assert found["accuracy"] == 0.5
    assert np.isnan([found[m] for m in ("auc", "mcc", "balanced_accuracy")]).all()


def test_loss_is_the_absolute_error_or_the_brier_score():
    y, p = np.array([0.0, 1.0]), np.array([0.5, 0.0])
    assert loss("regression", y, p) == 0.75
    assert loss("classification", y, p) == 0.625


def test_unlike_lengths_are_refused():
    with pytest.raises(HecsrError, match="1 predictions for 2"):
        scores("regression", [1, 2], [1])
