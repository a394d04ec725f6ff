"""The redundancy filter keeps the simplest of what says the same."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from hecsr.descriptors.descriptor import Descriptor
from hecsr.descriptors.filter import RedundancyFilter
from hecsr.errors import HecsrError


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    a = rng.normal(size=50)
    b = rng.normal(size=50)
    return pd.DataFrame(
        {
            "complicated": -2 * a + 0.01 * b,
            "simple": a,
            "other": b,
            "flat": 3.0 + 1e-15 * b,
        }
    )


def test_the_descriptor_of_lower_rank_speaks_for_the_other(table):
    ranks = [Descriptor("complicated", rank=300), Descriptor("simple", rank=100)]
    found = RedundancyFilter(descriptors=ranks).fit(table)
    assert found.kept_ == ("simple", "other")
    complicated, flat = found.removed_
    assert (complicated.name, complicated.kept) == ("complicated", "simple")
    assert complicated.r == pytest.approx(-1, abs=1e-4)
    assert (flat.name, flat.reason, flat.kept) == ("flat", "constant", "")


def test_without_ranks_the_first_column_is_kept(table):
    assert RedundancyFilter().fit(table).kept_ == ("complicated", "other")


def test_a_required_column_is_kept_and_displaces_its_relatives(table):
    found = RedundancyFilter(required=["simple", "flat"]).fit(table)
    assert found.kept_ == ("simple", "other", "flat")


def test_a_tiny_but_real_spread_is_not_constant():
    small = pd.DataFrame({"a": [1e-12, 2e-12, 3e-12], "b": [1.0, 5.0, 2.0]})
    assert RedundancyFilter().fit(small).kept_ == ("a", "b")


def test_values_near_overflow_still_correlate():
    x = np.array([1.0, 2.0, 4.0, 3.0])
    large = pd.DataFrame({"a": x * 1e300, "b": x, "c": x * 1e-300})
    assert RedundancyFilter().fit(large).kept_ == ("a",)


def test_the_hand_computed_correlation_is_reported():
    # deviations (-1, 0, 1) and (-1, -1, 2): r = 3 / sqrt(2 * 6) = 0.866
    x = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [0.0, 0.0, 3.0]})
    assert RedundancyFilter(0.87).fit(x).kept_ == ("a", "b")
    (removed,) = RedundancyFilter(0.86).fit(x).removed_
    assert removed.r == pytest.approx(3 / np.sqrt(12))


def test_a_frame_stays_a_frame_and_names_come_out(table):
    found = RedundancyFilter().fit(table)
    out = found.transform(table)
    assert list(out.columns) == list(found.get_feature_names_out()) == [*found.kept_]
    pipe = make_pipeline(RedundancyFilter(), StandardScaler()).set_output(
        transform="pandas"
    )
    assert list(pipe.fit_transform(table).columns) == ["complicated", "other"]


def test_missing_values_and_wrong_options_are_refused(table):
    with pytest.raises(ValueError, match="NaN"):
        RedundancyFilter().fit(table.assign(gap=np.nan))
    with pytest.raises(HecsrError, match=r"threshold is 1\.5"):
        RedundancyFilter(1.5).fit(table)
    with pytest.raises(HecsrError, match="did you mean 'simple'"):
        RedundancyFilter(required=["simpel"]).fit(table)


@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.99))
@settings(max_examples=30, deadline=None)
def test_no_two_kept_columns_correlate_beyond_the_threshold(seed, threshold):
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(20, 4))
    X = pd.DataFrame(base @ rng.normal(size=(4, 9))).rename(columns=str)
    found = RedundancyFilter(threshold).fit(X)
    r = np.abs(np.corrcoef(X[list(found.kept_)].to_numpy().T)).reshape(
        len(found.kept_), -1
    )
    assert (r[~np.eye(len(r), dtype=bool)] <= threshold + 1e-12).all()
    for removed in found.removed_:
        r = np.corrcoef(X[removed.name], X[removed.kept])[0, 1]
        assert removed.r == pytest.approx(r)
        assert abs(r) > threshold


@parametrize_with_checks([RedundancyFilter()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
