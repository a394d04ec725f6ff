from pathlib import Path

import pytest

from hecsr.config import load_analysis, parse_analysis
from hecsr.errors import ConfigError

ANALYSES = sorted((Path(__file__).parents[1] / "analyses").glob("*.toml"))
LEAST = {
    "name": "a",
    "title": "t",
    "question": "q",
    "task": "regression",
    "data": {"table": "efa", "target": "efa"},
    "engines": {"lasso": {}},
}


def having(**changes):
    return LEAST | changes


def classes(**changes):
    return having(task="classification", **changes)


@pytest.mark.parametrize("path", ANALYSES, ids=lambda p: p.stem)
def test_the_shipped_analyses_are_valid_and_named_like_their_files(path):
    assert load_analysis(path).name == path.stem


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (having(titel="t"), "unknown key 'titel'; did you mean 'title'"),
        (
            having(data={"table": "efa", "target": "efa", "famlies": []}),
            "unknown key 'data.famlies'; did you mean 'families'",
        ),
        (
            having(engines={"siso": {}}),
            "unknown key 'engines.siso'; did you mean 'sisso'",
        ),
        (
            having(engines={"sisso": {"screend": 5}}),
            "unknown key 'engines.sisso.screend'; did you mean 'screened'",
        ),
        (
            having(data={"table": "efa", "target": "efa", "columns": [{"nme": "x"}]}),
            "unknown key 'data.columns.0.nme'; did you mean 'name'",
        ),
        (having(engines={}), "name at least one engine"),
        (having(multitask={}), "name at least one of 'families' or 'companions'"),
        (
            having(multitask={"families": ["nitride"], "famlies": []}),
            "unknown key 'multitask.famlies'; did you mean 'families'",
        ),
        (
            having(multitask={"companions": [{"tabel": "efa", "target": "efa"}]}),
            "unknown key 'multitask.companions.0.tabel'; did you mean 'table'",
        ),
        (
            having(multitask={"families": ["oxide", "oxide"]}),
            "two tasks are called oxide",
        ),
        (
            having(multitask={"families": ["oxide"], "weights": {"oxid": 1.0}}),
            "'weights' names oxid, but the tasks are oxide",
        ),
        (
            having(multitask={"families": ["oxide"], "weights": {"oxide": 0.0}}),
            "'multitask.weights.oxide'.*given 0",
        ),
        (having(task="ranking"), "'task'.*given 'ranking'"),
        (having(data={"table": "efa", "file": "x.csv", "target": "y"}), "either"),
        (having(data={"target": "y"}), "either 'table'"),
        (having(data={"table": "efa"}), "'data.target' is missing"),
        (having(validation={"folds": 1}), "'validation.folds'.*given 1"),
        (having(name="../evil"), "'name'"),
        (having(black_boxes=["svn"]), "'black_boxes.0'.*given 'svn'"),
        (
            having(validation={"costs": [3, 1]}),
            "'validation.costs': for a classification alone, and this is a regression; "
            "leave it out",
        ),
        (
            having(
                engines={"sisso": {"criterion": "overlap", "class_weight": {"0": 2}}}
            ),
            "'engines.sisso.criterion', 'engines.sisso.class_weight': for a class",
        ),
        (
            having(data={"table": "efa", "target": "efa", "positive": "a"}),
            "'data.positive': for a classification alone",
        ),
        (classes(validation={"costs": [3]}), r"'validation.costs': \[3\] are no costs"),
        (classes(validation={"costs": [3, 0]}), r"\[3, 0\] are no costs; two positive"),
        (classes(validation={"costs": "3"}), "'validation.costs': '3' are no costs"),
        (
            classes(validation={"costs": [3, 1], "decision": "share"}),
            "'validation': class 1 is called by 'costs' or by decision = 'share'",
        ),
        (
            classes(engines={"sisso": {"criterion": "hull"}}),
            "'likelihood' or 'overlap'",
        ),
        (
            classes(engines={"lasso": {"class_weight": "balnced"}}),
            "'engines.lasso.class_weight': 'balnced' weighs no classes; allowed: "
            '"balanced", or positive weights of class 0 and class 1',
        ),
        (classes(engines={"lasso": {"class_weight": {"a": 2}}}), "weighs no classes"),
        (classes(engines={"lasso": {"class_weight": {"0": 0}}}), "weighs no classes"),
        (classes(engines={"lasso": {"class_weight": {}}}), "weighs no classes"),
        (
            having(engines={"pysr": {"constraints": {"exp": [1, 2, 3]}}}),
            r"'engines.pysr.constraints.exp': \[1, 2, 3\] limits no operand; allowed",
        ),
        (having(engines={"pysr": {"constraints": {"exp": True}}}), "limits no operand"),
        (having(engines={"pysr": {"constraints": {"exp": 0}}}), "limits no operand"),
        (
            having(engines={"pysr": {"nested_constraints": {"exp": {"exp": -1}}}}),
            "'engines.pysr.nested_constraints.exp.exp'",
        ),
        (
            having(engines={"pysr": {"batch_size": 9}}),
            "'engines.pysr': 'batch_size' is that of batching = true",
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(content, message):
    with pytest.raises(ConfigError, match=message):
        parse_analysis(content, "x.toml")


@pytest.mark.parametrize(
    ("asked", "decided"),
    [({}, "half"), ({"decision": "share"}, "share"), ({"costs": [3, 1]}, 0.75)],
)
def test_class_1_is_called_in_one_of_three_ways(asked, decided):
    analysis = parse_analysis(classes(validation=asked), "x.toml")
    assert analysis.validation.decided == decided


def test_every_problem_is_listed_at_once():
    with pytest.raises(ConfigError, match=r"2 problem\(s\)") as caught:
        parse_analysis(having(titel="t", seeed=1), "x.toml")
    assert "seeed" in str(caught.value)


def test_a_file_that_cannot_be_read_is_an_error_not_a_traceback(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        load_analysis(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("name = ", "utf-8")
    with pytest.raises(ConfigError, match="is not TOML"):
        load_analysis(bad)
    bad.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not TOML"):
        load_analysis(bad)
