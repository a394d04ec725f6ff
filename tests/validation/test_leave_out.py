"""Leaving out a row, an element, a source, a label."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.errors import HecsrError
from hecsr.validation.leave_out import (
    hold_out,
    leave_one_element_out,
    leave_one_label_out,
    leave_one_row_out,
    leave_one_source_out,
    leave_out,
)

SAMPLES = [{"C", "Ti", "Zr"}, {"C", "Ti", "Hf"}, {"C", "Zr", "Hf"}, {"C", "Cr", "Ti"}]
WORDS = {"name": "n", "label": "L", "description": "d"}


def sides(splits):
    return {s.label: (s.train.tolist(), s.test.tolist()) for s in splits}


def test_an_element_is_tested_on_all_that_hold_it_and_trained_on_none():
    splits = leave_one_element_out(SAMPLES, np.arange(4.0), min_rows=1)
    assert sides(splits) == {
        "Cr": ([0, 1, 2], [3]),
        "Hf": ([0, 3], [1, 2]),
        "Ti": ([2], [0, 1, 3]),
        "Zr": ([1, 3], [0, 2]),
    }


def test_too_few_rows_on_either_side_are_skipped_and_said():
    splits = leave_one_element_out(SAMPLES, np.arange(4.0), min_rows=2)
    assert [s.label for s in splits] == ["Hf", "Zr"]
    (note,) = splits.notes
    assert note.startswith("Leave one element out: not held out for want of rows")
    assert note.endswith("(rows to hold out, rows to train on): Cr (1, 3), Ti (3, 1)")


def test_a_long_list_of_what_is_skipped_is_cut_short():
    labels = [*"aaaabbbb", *map(str, range(20))]
    made = leave_one_label_out(labels, np.arange(28.0), what="paper", min_rows=2)
    assert [s.label for s in made] == ["a", "b"]
    assert made.notes[0].endswith("and 8 more")


def test_an_element_whose_absence_leaves_one_class_is_skipped():
    y = np.array([1, 1, 1, 0])
    splits = leave_one_element_out(SAMPLES, y, min_rows=1, classes=True)
    assert "Cr" not in [s.label for s in splits]
    assert any("one class" in n and n.endswith(": Cr, Ti") for n in splits.notes)


def test_a_row_of_several_sources_is_held_out_with_each_of_them():
    sources = [{"a"}, {"a", "b"}, {"b"}, {"c"}, set()]
    splits = leave_one_source_out(sources, np.arange(5.0), min_rows=1)
    assert sides(splits) == {
        "a": ([2, 3, 4], [0, 1]),
        "b": ([0, 3, 4], [1, 2]),
        "c": ([0, 1, 2, 4], [3]),
    }
    assert "1 rows name no source and are only trained on" in splits.notes[0]


def test_a_group_on_both_sides_is_not_trained_on_and_said():
    splits = leave_one_source_out(
        [{"a"}, {"a"}, {"b"}, {"b"}], np.arange(4.0), min_rows=1, groups=[0, 1, 1, 2]
    )
    assert [s.train.tolist() for s in splits] == [[3], [0]]
    assert any("up to 1 rows of a split share a group" in n for n in splits.notes)


def test_labels_that_are_numbers_are_told_from_those_of_folds():
    made = leave_one_label_out([1, 1, 2, 2], np.arange(4.0), what="lab", min_rows=1)
    assert [s.label for s in made] == ["lab 1", "lab 2"]
    assert made.scheme.name == "leave-one-lab-out"
    assert made.scheme.label == "Leave one lab out"


def test_rows_without_a_label_are_only_trained_on():
    labels = ["a", None, float("nan"), "", "b", "b"]
    made = leave_one_label_out(labels, np.arange(6.0), what="paper", min_rows=1)
    assert sides(made) == {"a": ([1, 2, 3, 4, 5], [0]), "b": ([0, 1, 2, 3], [4, 5])}
    assert "3 rows name no paper" in made.notes[0]


def test_groups_are_held_out_one_by_one_where_rows_are_grouped():
    made = leave_one_row_out(np.arange(6.0), groups=[0, 0, 1, 2, 2, 2], min_rows=3)
    assert sides(made) == {
        "1": ([2, 3, 4, 5], [0, 1]),
        "2": ([0, 1, 3, 4, 5], [2]),
        "3": ([0, 1, 2], [3, 4, 5]),
    }
    assert made.scheme.label == "Leave one group of rows out"
    alone = leave_one_row_out(np.arange(6.0), groups=list("abcdef"))
    assert alone.scheme.label == "Leave one row out"


@given(st.lists(st.integers(0, 6), min_size=8, max_size=25), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_row_is_held_out_once_and_no_group_is_torn(groups, grouped):
    n = len(groups)
    keys = np.array(groups if grouped else range(n))
    if grouped and len(set(groups)) == 1:
        return
    made = leave_one_row_out(np.arange(n), groups=keys, min_rows=1)
    held = np.concatenate([s.test for s in made])
    assert sorted(held) == list(range(n))
    assert len(made) == len(set(keys.tolist()))
    for s in made:
        assert len(s.train) + len(s.test) == n
        assert not set(keys[s.train]) & set(keys[s.test])


@given(
    st.lists(
        st.tuples(
            st.frozensets(st.sampled_from("abcde"), max_size=3), st.integers(0, 9)
        ),
        min_size=4,
        max_size=25,
    )
)
@settings(max_examples=80, deadline=None)
def test_no_row_and_no_group_stands_on_both_sides(rows):
    kinds, groups = [r[0] for r in rows], np.array([r[1] for r in rows])
    y = np.arange(len(rows))
    for leave in (leave_one_element_out, leave_one_source_out):
        try:
            made = leave(kinds, y, min_rows=1, groups=groups)
        except HecsrError:
            continue
        again = leave(kinds, y, min_rows=1, groups=groups)
        assert sides(made) == sides(again)
        for s in made:
            assert s.test.tolist() == [i for i, k in enumerate(kinds) if s.label in k]
            tied = set(groups[s.test])
            assert s.train.tolist() == [i for i in y if groups[i] not in tied]


def test_nothing_to_leave_out_is_an_error():
    with pytest.raises(HecsrError, match="nothing can be left out; all rows are alike"):
        leave_one_element_out([{"Ti"}] * 9, np.arange(9.0))
    with pytest.raises(HecsrError, match=r"family out: nothing .*carbide \(9, 0\)"):
        leave_one_label_out(["carbide"] * 9, np.arange(9.0), what="family")
    with pytest.raises(HecsrError, match="group of rows out: nothing"):
        leave_one_row_out(np.arange(9.0), groups=[0] * 9)


def test_flags_and_groups_must_be_as_many_as_the_rows():
    with pytest.raises(HecsrError, match="2 flags for 3 rows"):
        leave_out({"x": [True, False]}, np.ones(3), **WORDS)
    with pytest.raises(HecsrError, match="2 groups are given for 3 rows"):
        leave_out({"x": [True, False, False]}, np.ones(3), groups=[0, 1], **WORDS)


def test_rows_on_neither_side_take_no_part():
    made = hold_out({"x": ([1, 0, 0], [0, 1, 0])}, np.ones(3), min_rows=1, **WORDS)
    assert sides(made) == {"x": ([1], [0])}
