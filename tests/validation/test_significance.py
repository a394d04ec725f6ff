"""What is said of the differences between competitors."""

import numpy as np
import pandas as pd
import pytest
from compared import comparison_of, dealt, held, line_up

from hecsr.errors import HecsrError
from hecsr.validation.bootstrap import bootstrap_intervals
from hecsr.validation.leave_out import ROW_BY_ROW
from hecsr.validation.paired import corrected_t_test, holm
from hecsr.validation.significance import NOT_SHOWN, significance

NAMES = ("f1", "f2", "b", "r", "m")


def _made(task="regression", n=60, seed=0):
    """Three that are alike, a rule silent on a third, and a bad baseline; 2 schemes."""
    random = np.random.default_rng(seed)
    y = random.normal(size=n)
    noise = {"f1": 0.3, "f2": 0.32, "b": 0.31, "r": 0.3}
    said = {k: y + s * random.normal(size=n) for k, s in noise.items()}
    said["m"] = np.zeros(n) if task == "regression" else np.full(n, -1.0)
    if task == "classification":
        said = {k: 1 / (1 + np.exp(-3 * v)) for k, v in said.items()}
        y = (y > 0).astype(float)
    said["r"][::3] = np.nan
    kinds = {(0, k): np.arange(n)[k::4] for k in range(4)}
    parts = [held(k, y, v, dealt(n, 5, 4)) for k, v in said.items()]
    parts += [held(k, y, v, kinds, scheme="left out") for k, v in said.items()]
    frame = pd.concat(parts, ignore_index=True)
    return comparison_of(frame, line_up(*said), task, named=("left out",))


@pytest.fixture(scope="module", params=["regression", "classification"])
def both(request):
    comparison = _made(request.param)
    metric = "mae" if request.param == "regression" else "balanced_accuracy"
    return comparison, significance(comparison, metric, seed=3, draws=800)


def test_every_pair_stands_once_in_every_scheme(both):
    _, found = both
    count = found.pairs.groupby("scheme").size()
    assert (count == 10).all()
    assert len(count) == 2
    assert found.main == "main"


def test_alike_ones_are_not_shown_to_differ_and_the_baseline_is_worse(both):
    _, found = both
    own = found.rivals[found.rivals["scheme"] == "main"].set_index("first")
    assert found.reference in ("f1", "f2")
    assert set(own.drop(index="m")["word"]) == {NOT_SHOWN}
    assert own.loc["m", "word"] == "worse"
    assert found.between(found.reference, "m")["word"] == "better"


def test_a_pair_read_from_either_side_says_the_same(both):
    _, found = both
    for scheme in ("main", "left out"):
        one, other = (
            found.between(*pair, scheme=scheme) for pair in (("b", "m"), ("m", "b"))
        )
        assert {one["word"], other["word"]} == {"better", "worse"}
        assert one["difference"] == -other["difference"]
        assert (one["low"], one["high"]) == (-other["high"], -other["low"])
        assert one["p"] == other["p"]


def test_the_best_formula_stands_against_all_others_with_its_own_family(both):
    _, found = both
    for scheme, own in found.rivals.groupby("scheme"):
        assert (own["second"] == found.reference).all()
        assert sorted([*own["first"], found.reference]) == sorted(NAMES)
        np.testing.assert_allclose(own["p_holm"], holm(own["p"]))
        all_pairs = found.pairs[found.pairs["scheme"] == scheme]
        np.testing.assert_allclose(all_pairs["p_holm"], holm(all_pairs["p"]))


def test_kinds_left_out_have_no_t_test(both):
    _, found = both
    own = found.pairs[found.pairs["scheme"] == "left out"]
    assert set(own["test"]) == {"bootstrap"}
    assert own[["se", "t"]].isna().all(axis=None)
    assert own["p"].between(0, 1).all()
    dealt_ones = found.pairs[found.pairs["scheme"] == "main"]
    assert set(dealt_ones["test"]) == {"t"}
    assert (dealt_ones["df"] == dealt_ones["folds"] - 1).all()
    assert dealt_ones["folds"].max() == 20


def test_a_silent_rule_is_compared_on_the_rows_of_which_it_speaks(both):
    _, found = both
    assert found.between("b", "r")["rows"] == 40
    assert found.between("b", "m")["rows"] == 60


def test_the_t_test_is_that_of_the_folds_scores():
    comparison = _made()
    found = significance(comparison, "mae", draws=50).between("f1", "b")
    table = comparison.scores
    table = table[(table["metric"] == "mae") & (table["fold"] >= 0)]
    table = table[table["scheme"] == "main"]
    one, other = (
        table[table["competitor"] == n].sort_values(["repeat", "fold"])["value"]
        for n in ("f1", "b")
    )
    test = corrected_t_test(one.to_numpy() - other.to_numpy(), 12 / 48)
    assert found["difference"] == pytest.approx(test.difference)
    assert found["se"] == pytest.approx(test.se)
    assert found["p"] == pytest.approx(test.p)


def test_the_intervals_are_those_of_the_bootstrap_of_one_difference(both):
    comparison, found = both
    task = comparison.problem.task
    alone = bootstrap_intervals(
        comparison.predictions, task, against=found.reference, draws=800, seed=3
    )
    alone = alone[alone["metric"] == found.metric].set_index(["scheme", "competitor"])
    for _, line in found.rivals.iterrows():
        one = alone.loc[(line["scheme"], line["first"])]
        assert line["pooled"] == pytest.approx(one["value"], abs=1e-12)
        assert line["low"] == pytest.approx(one["low"], abs=1e-12)
        assert line["high"] == pytest.approx(one["high"], abs=1e-12)


def test_groups_widen_the_interval():
    comparison = _made()
    y = comparison.predictions
    shift = np.repeat(np.random.default_rng(5).normal(size=6), 10)
    mine = (y["competitor"] == "b").to_numpy()
    moved = y["predicted"].to_numpy() + np.where(mine, 3 * shift[y["sample"]], 0)
    frame = y.assign(predicted=moved)
    widths = []
    for groups in (None, np.repeat(np.arange(6), 10)):
        one = comparison_of(frame, comparison.competitors, groups=groups)
        line = significance(one, "mae", draws=800).between("b", "f1")
        widths.append(line["high"] - line["low"])
    assert widths[1] > 1.5 * widths[0]


def test_the_same_predictions_are_no_difference_whatever_their_rounding():
    y, folds = np.random.default_rng(0).normal(size=30), dealt(30)
    p = y + 1.0 / 3
    said = {"f": p, "b": p + 1e-14 * np.sin(np.arange(30)), "m": y * 0}
    frame = pd.concat([held(n, y, v, folds) for n, v in said.items()])
    found = significance(comparison_of(frame, line_up(*said)), "mae", draws=200)
    line = found.between("f", "b")
    assert (line["difference"], line["se"], line["p"]) == (0, 0, 1)
    assert (line["low"], line["high"], line["word"]) == (0, 0, NOT_SHOWN)


def test_which_side_is_better_depends_on_the_metric():
    comparison = _made("classification")
    for metric in ("balanced_accuracy", "brier"):
        found = significance(comparison, metric, draws=200)
        assert found.between("m", "f1")["word"] == "worse"
    less, more = (
        significance(comparison, m, draws=200).between("m", "f1")["difference"]
        for m in ("balanced_accuracy", "brier")
    )
    assert less < 0 < more


def test_a_metric_that_is_no_mean_over_rows_has_a_t_test_and_no_bootstrap():
    found = significance(_made("classification"), "auc", draws=50)
    line = found.between("f1", "m")
    assert line["p"] < 0.05
    assert np.isnan(line["low"])
    assert np.isnan(found.between("f1", "m", "left out")["p"])
    assert found.between("f1", "m", "left out")["word"] == NOT_SHOWN


def test_one_fold_alone_is_not_compared():
    y = np.arange(12.0)
    frame = pd.concat([held(n, y, y + 1, {(0, 0): np.arange(12)}) for n in "fm"])
    found = significance(comparison_of(frame, line_up("f", "m")), "mae", draws=50)
    assert found.pairs.empty
    assert found.rivals.empty
    with pytest.raises(HecsrError, match="no pair of 'main'"):
        found.between("f", "m")


def test_without_a_formula_there_are_pairs_and_no_rivals():
    y, folds = np.random.default_rng(0).normal(size=30), dealt(30)
    frame = pd.concat([held("b", y, y * 0.9, folds), held("m", y, y * 0, folds)])
    found = significance(comparison_of(frame, line_up("b", "m")), "mae", draws=50)
    assert found.reference == ""
    assert found.rivals.empty
    assert len(found.pairs) == 1


def test_an_unknown_competitor_is_named(both):
    _, found = both
    with pytest.raises(HecsrError, match="'f3': allowed: f1"):
        found.between("f3", "m")


def test_the_same_seed_gives_the_same_frames(both):
    comparison, found = both
    again = significance(comparison, found.metric, seed=3, draws=800)
    pd.testing.assert_frame_equal(found.pairs, again.pairs, check_exact=True)
    other = significance(comparison, found.metric, seed=4, draws=800)
    assert not found.pairs["low"].equals(other.pairs["low"])
    assert found.pairs["se"].equals(other.pairs["se"])


def test_rows_left_out_one_by_one_are_drawn_again_and_not_tested_fold_by_fold():
    random = np.random.default_rng(0)
    y = random.normal(size=40)
    alone = {(0, k): np.array([k]) for k in range(40)}
    said = {"f": y + 0.1 * random.normal(size=40), "m": y * 0}
    parts = [held(n, y, p, alone, scheme=ROW_BY_ROW) for n, p in said.items()]
    found = significance(comparison_of(pd.concat(parts), line_up("f", "m")), "mae")
    line = found.between("f", "m")
    assert (line["test"], line["word"]) == ("bootstrap", "better")
    assert np.isnan(line["se"])
