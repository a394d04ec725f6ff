"""Classes as 0 and 1, or as two words of which the analysis names class 1."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hecsr.config import parse_analysis
from hecsr.errors import ConfigError
from hecsr.study.classes import word
from hecsr.study.doubtful import find_doubtful
from hecsr.study.rows import read_rows
from hecsr.study.samples import make_samples

COMPOSITIONS = ["(Ti,Zr)C", "(Ti,Hf)C", "(Nb,Ta)C", "(Mo,W)C", "(Ti,Zr,Hf)C"]


def samples_of(tmp_path, cells, **data):
    names = COMPOSITIONS * (1 + len(cells) // len(COMPOSITIONS))
    frame = pd.DataFrame({"composition": names[: len(cells)], "phase": cells})
    frame.to_csv(tmp_path / "mine.csv", index=False)
    content = {
        "name": "a",
        "title": "t",
        "question": "q",
        "task": "classification",
        "data": {"file": "mine.csv", "target": "phase"} | data,
        "descriptors": {"use": ["vec"]},
        "engines": {"lasso": {}},
    }
    asked = parse_analysis(content, "x.toml")
    return make_samples(asked, read_rows(asked, tmp_path, tmp_path / "out"))


@pytest.mark.parametrize(
    ("cells", "positive", "found"),
    [
        (["single", "multi", " single"], "single", [1, 0, 1]),
        (["single", "multi", "single"], "multi", [0, 1, 0]),
        (["true", "FALSE", "True"], True, [1, 0, 1]),
        (["true", "false", "true"], "true", [1, 0, 1]),
        (["1", "2", "2.0"], 2, [0, 1, 1]),
        (["0", "1", "1.0"], None, [0, 1, 1]),
        (["0", "1", "1"], 0, [1, 0, 0]),
        (["yes", "no", "yes"], "yes", [1, 0, 1]),
    ],
)
def test_one_of_two_words_is_class_1(tmp_path, cells, positive, found):
    data = {} if positive is None else {"positive": positive}
    assert samples_of(tmp_path, cells, **data).y.tolist() == found


def test_the_label_of_the_target_says_which_word_is_class_1(tmp_path):
    cells = ["single", "multi"]
    found = samples_of(tmp_path, cells, positive="single")
    assert found.target.label == "phase = single"
    named = samples_of(tmp_path, cells, positive="single", target_label="one phase")
    assert named.target.label == "one phase"
    assert samples_of(tmp_path, ["0", "1"]).target.label == "phase"


@pytest.mark.parametrize(
    ("cells", "positive", "message"),
    [
        (
            ["single", "multi"],
            None,
            "classes are 0 and 1, but 'phase' holds 'single' and 'multi'; say which is "
            'class 1: data.positive = "single" or data.positive = "multi"',
        ),
        (["true", "false"], None, "1: data.positive = true or data.positive = false"),
        (["1", "2"], None, "class 1: data.positive = 2 or data.positive = 1"),
        (
            ["0", "1", "n.a."],
            None,
            "holds 3 values, among them 'n.a.' ((Nb0.5Ta0.5)C first): set such rows "
            'aside, as with data.exclude = { phase = ["n.a."] }',
        ),
        (["a", "b", "c"], None, "holds 3 values, among them 'c', 'b' and 'a'"),
        (["single"] * 3, None, "is 'single' in every row: there is one class only"),
        (["single"] * 3, "single", "is 'single' in every row: there is one class"),
        (
            ["a", "b", "c"],
            "a",
            "'data.positive' tells two words apart, but 'phase' holds 3: 'c', 'b' and "
            "'a'",
        ),
        (
            ["single", "multi"],
            "singel",
            "'data.positive' is \"singel\", but 'phase' holds 'single' and 'multi'; "
            "did you mean 'single'?",
        ),
        (["single", "multi"], "x", "\"x\", but 'phase' holds 'single' and 'multi'"),
    ],
)
def test_what_are_no_two_classes_is_said_in_one_line(
    tmp_path, cells, positive, message
):
    data = {} if positive is None else {"positive": positive}
    with pytest.raises(ConfigError) as caught:
        samples_of(tmp_path, cells, **data)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_advice_on_other_values_works(tmp_path):
    found = samples_of(tmp_path, ["0", "1", "n.a."], exclude={"phase": ["n.a."]})
    assert found.y.tolist() == [0, 1]


def test_numbers_are_shown_in_part_where_they_are_many(tmp_path):
    with pytest.raises(ConfigError, match=r"holds 9 values, among them .* and 2 more"):
        samples_of(tmp_path, [str(1.5 + i) for i in range(8)] + ["0"])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (True, "true"), (np.bool_(0), "false"), (1, "1"), (1.0, "1"), ("x ", "x"),
        ("inf", "inf"), (" ", None), (None, None), (float("nan"), None), (pd.NA, None),
    ],
)  # fmt: skip
def test_a_cell_is_one_word_however_it_is_written(cell, expected):
    assert word(cell) == expected


def test_words_may_be_doubted_too(tmp_path):
    """A user's words stand beside the reports of a shipped table, which are 0 and 1."""
    names = ["(Hf0.2Mo0.2Ta0.2W0.2Zr0.2)C", "(Ti,Zr)C", "(Nb,Ta)C"]
    frame = pd.DataFrame(
        {"composition": names, "single_phase": ["multi", "single", "multi"]}
    )
    frame.to_csv(tmp_path / "mine.csv", index=False)
    content = {
        "name": "a",
        "title": "t",
        "question": "q",
        "task": "classification",
        "data": {"file": "mine.csv", "target": "single_phase", "positive": "single"},
        "descriptors": {"use": ["vec"]},
        "engines": {"lasso": {}},
        "doubt": {"engine": "lasso"},
    }
    asked = parse_analysis(content, "x.toml")
    problem, found = find_doubtful(asked, tmp_path, Path("out"))
    assert problem.y.tolist() == [0, 1, 0]
    assert [d.label for d in found] == [0]
