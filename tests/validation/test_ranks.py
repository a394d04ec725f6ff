"""Ranks over folds, and neighbours that are joined."""

import numpy as np
import pandas as pd
from compared import comparison_of, dealt, held, line_up

from hecsr.validation.ranks import best_of, cliques, mean_ranks


def _differ(*pairs):
    unlike = {frozenset(p) for p in pairs}
    return lambda a, b: frozenset((a, b)) in unlike


def test_runs_are_the_longest_of_which_no_two_differ():
    # a | b c d | e, where b-e and a-c.. differ: by hand ab, bcd, cde
    differ = _differ("ac", "ad", "ae", "be")
    assert cliques("abcde", differ) == (("a", "b"), ("b", "c", "d"), ("c", "d", "e"))


def test_where_none_or_all_differ_there_is_one_run_or_no_run():
    assert cliques("abc", _differ()) == (("a", "b", "c"),)
    assert cliques("abc", _differ("ab", "ac", "bc")) == ()


def test_a_bar_never_passes_over_one_that_differs():
    # b differs from both, a and c do not: they are no neighbours
    assert cliques("abc", _differ("ab", "bc")) == ()


def _errors(**by_fold):
    """A comparison whose competitors have these errors in the folds."""
    folds = dealt(12, 4)
    y = np.zeros(12)
    parts = []
    for name, errors in by_fold.items():
        p = np.zeros(12)
        for error, rows in zip(errors, folds.values(), strict=True):
            p[rows] = error
        parts.append(held(name, y, p, folds))
    return comparison_of(pd.concat(parts), line_up(*by_fold))


def test_mean_ranks_are_those_by_hand_and_ties_share_their_place():
    found = _errors(f=[1, 1, 2, 1], b=[2, 1, 1, 3], m=[3, 3, 3, 3])
    ranks = mean_ranks(found, found.competitors, "mae").set_index("competitor")
    # folds: f 1, 1.5, 2, 1; b 2, 1.5, 1, 2.5; m 3, 3, 3, 2.5
    assert ranks["rank"].tolist() == [1.375, 1.75, 2.875]
    assert ranks.loc["f", ["low", "high"]].tolist() == [1, 1.625]
    assert (ranks["folds"] == 4).all()


def test_a_rule_that_is_silent_somewhere_is_neither_ranked_nor_the_best():
    found = _errors(f=[1, 1, 1, 1], r1=[0, 0, 0, np.nan], r2=[2, 2, 2, 2])
    ranks = mean_ranks(found, found.competitors, "mae")
    assert ranks["competitor"].tolist() == ["f", "r2"]
    assert best_of(found, "mae", ("rule",)).name == "r2"


def test_folds_without_the_score_are_passed_over():
    folds = dealt(12, 4)
    y = np.zeros(12)
    for fold in range(3):  # the last fold holds one class alone
        y[folds[0, fold][0]] = 1
    parts = [held("f", y, y, folds), held("m", y, np.ones(12), folds)]
    found = comparison_of(pd.concat(parts), line_up("f", "m"), "classification")
    ranks = mean_ranks(found, found.competitors, "balanced_accuracy")
    assert ranks["folds"].tolist() == [3, 3]
    assert ranks["rank"].tolist() == [1, 2]


def test_classes_told_without_a_probability_have_no_rank_by_brier():
    y = np.tile([0.0, 1.0], 6)
    parts = [held(n, y, y * 0.8, dealt(12, 3)) for n in ("f", "r", "m")]
    found = comparison_of(
        pd.concat(parts), line_up("f", "r", "m"), "classification", hard=("r",)
    )
    assert mean_ranks(found, found.competitors, "brier")["competitor"].tolist() == [
        "f",
        "m",
    ]
