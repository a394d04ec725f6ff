"""Intervals of scores from groups that are drawn again."""

import numpy as np
import pandas as pd
import pytest

from hecsr.errors import HecsrError
from hecsr.validation.bootstrap import bootstrap_intervals


def _held(name, observed, predicted, repeat=0):
    n = len(observed)
    return pd.DataFrame(
        {
            "scheme": "s",
            "competitor": name,
            "repeat": repeat,
            "fold": 0,
            "sample": np.arange(n),
            "observed": observed,
            "predicted": predicted,
            "threshold": 0.5,
        }
    )


@pytest.fixture
def classes():
    rng = np.random.default_rng(0)
    y = (np.arange(100) < 73).astype(float)
    right = rng.uniform(size=100) < 0.85
    return y, np.where(right, y, 1 - y)


def test_the_value_is_the_score_and_the_interval_that_of_a_binomial(classes):
    y, p = classes
    found = bootstrap_intervals(_held("a", y, p), "classification")
    found = found.set_index("metric")
    assert found.loc["accuracy", "value"] == np.mean(y == p)
    both = [(y == p)[y == c].mean() for c in (0, 1)]
    assert found.loc["balanced_accuracy", "value"] == pytest.approx(np.mean(both))
    spread = sum(b * (1 - b) / (y == c).sum() for c, b in enumerate(both)) ** 0.5 / 2
    width = (
        found.loc["balanced_accuracy", "high"] - found.loc["balanced_accuracy", "low"]
    )
    assert width == pytest.approx(2 * 1.96 * spread, rel=0.1)


def test_a_difference_from_itself_is_nothing_and_from_a_worse_one_is_seen(classes):
    y, p = classes
    worse = np.where(np.arange(100) % 2 == 0, 1 - y, y)
    held = pd.concat([_held("a", y, p), _held("b", y, worse)])
    found = bootstrap_intervals(held, "classification", against="b")
    found = found[found["metric"] == "accuracy"].set_index("competitor")
    assert found.loc["b", ["value", "low", "high"]].tolist() == [0, 0, 0]
    assert found.loc["a", "low"] > 0.1


def test_rows_of_a_group_are_drawn_together():
    y = np.random.default_rng(0).normal(size=60)
    off = y + np.repeat(np.random.default_rng(1).normal(size=6), 10)
    held = _held("a", y, off)
    alone = bootstrap_intervals(held, "regression")
    groups = np.repeat(np.arange(6), 10)
    together = bootstrap_intervals(held, "regression", groups=groups)
    assert together["value"].equals(alone["value"])
    width = (together["high"] - together["low"])[0]
    assert width > 1.5 * (alone["high"] - alone["low"])[0]


def test_repeats_are_averaged_before_rows_are_drawn():
    y = np.arange(20.0)
    held = pd.concat([_held("a", y, y + 1, 0), _held("a", y, y + 3, 1)])
    found = bootstrap_intervals(held, "regression").iloc[0]
    assert (found["value"], found["low"], found["high"]) == (2, 2, 2)
    assert found["n"] == 20


def test_a_silent_rule_is_compared_where_it_speaks(classes):
    y, p = classes
    silent = np.where(np.arange(100) < 50, np.nan, y)
    held = pd.concat([_held("a", y, p), _held("rule", y, silent)])
    found = bootstrap_intervals(held, "classification", against="a")
    assert (
        found.set_index(["competitor", "metric"]).loc[("rule", "accuracy"), "n"] == 50
    )


def test_a_rule_that_is_silent_at_times_is_judged_by_the_others(classes):
    y, p = classes
    silent = np.where(np.arange(100) < 50, np.nan, y)
    # every row is held out twice, and the rule speaks at least once
    held = pd.concat([_held("rule", y, silent, 0), _held("rule", y, p, 1)])
    found = bootstrap_intervals(held, "classification").set_index("metric")
    right = (y == p).astype(float)
    mean = np.where(np.arange(100) < 50, right, (right + 1) / 2).mean()
    assert found.loc["accuracy", "value"] == pytest.approx(mean)
    assert found.loc["accuracy", "n"] == 100


def test_an_unknown_rival_is_named(classes):
    y, p = classes
    with pytest.raises(HecsrError, match="no competitor 'b'"):
        bootstrap_intervals(_held("a", y, p), "classification", against="b")


def test_the_same_seed_gives_the_same_interval(classes):
    y, p = classes
    held = _held("a", y, p)
    one = bootstrap_intervals(held, "classification", seed=3)
    assert one.equals(bootstrap_intervals(held, "classification", seed=3))
    assert not one.equals(bootstrap_intervals(held, "classification", seed=4))
