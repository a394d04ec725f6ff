"""Leaving out an element, a source, a label."""

import numpy as np
import pytest

from hecsr.errors import HecsrError
from hecsr.validation.leave_out import (
    leave_one_element_out,
    leave_one_source_out,
    leave_out,
)

SAMPLES = [{"C", "Ti", "Zr"}, {"C", "Ti", "Hf"}, {"C", "Zr", "Hf"}, {"C", "Cr", "Ti"}]


def test_an_element_is_tested_on_all_that_hold_it_and_trained_on_none():
    splits = leave_one_element_out(SAMPLES, np.arange(4.0), min_rows=1)
    members = {s.label: (s.train.tolist(), s.test.tolist()) for s in splits}
    assert members == {
        "Cr": ([0, 1, 2], [3]),
        "Hf": ([0, 3], [1, 2]),
        "Ti": ([2], [0, 1, 3]),
        "Zr": ([1, 3], [0, 2]),
    }


def test_too_few_rows_on_either_side_are_skipped_and_said():
    splits = leave_one_element_out(SAMPLES, np.arange(4.0), min_rows=2)
    assert [s.label for s in splits] == ["Hf", "Zr"]
    assert any("Ti is not held out (3 rows with it, 1" in n for n in splits.notes)


def test_an_element_whose_absence_leaves_one_class_is_skipped():
    y = np.array([1, 1, 1, 0])
    splits = leave_one_element_out(SAMPLES, y, min_rows=1, classes=True)
    assert "Cr" not in [s.label for s in splits]
    assert any("Cr" in n and "one class" in n for n in splits.notes)


def test_small_sources_are_merged_or_skipped_and_said():
    sources = ["a"] * 4 + ["b"] * 4 + ["c", "d", "e"] + [None]
    y = np.arange(12.0)
    merged = leave_one_source_out(sources, y, min_rows=3)
    assert {s.label: len(s.test) for s in merged} == {
        "a": 4,
        "b": 4,
        "3 small sources": 3,
    }
    assert any("c, d, e" in n for n in merged.notes)
    assert any("1 rows name no source" in n for n in merged.notes)
    skipped = leave_one_source_out(sources, y, min_rows=3, small="skip")
    assert [s.label for s in skipped] == ["a", "b"]
    assert any("too small" in n for n in skipped.notes)


def test_a_group_on_both_sides_is_not_trained_on():
    splits = leave_one_source_out(
        ["a", "a", "b", "b"], np.arange(4.0), min_rows=1, groups=[0, 1, 1, 2]
    )
    assert [s.train.tolist() for s in splits] == [[3], [0]]


def test_nothing_to_leave_out_is_an_error():
    with pytest.raises(HecsrError, match="nothing can be left out"):
        leave_one_element_out([{"Ti"}] * 9, np.arange(9.0))
    with pytest.raises(HecsrError, match="neither 'merge' nor 'skip'"):
        leave_one_source_out(["a"], [1.0], small="drop")
    with pytest.raises(HecsrError, match="2 flags for 3 rows"):
        leave_out(
            {"x": [True, False]}, np.ones(3), name="n", label="l", description="d"
        )
