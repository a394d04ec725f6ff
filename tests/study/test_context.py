"""The context of finished parts: what changes a number, and nothing else."""

import pytest

from hecsr.config import parse_analysis
from hecsr.study.context import context

CONTENT = {
    "name": "small",
    "title": "t",
    "question": "q",
    "task": "regression",
    "data": {"table": "efa", "target": "efa"},
    "engines": {"sisso": {}},
}


def of(sha256="abc", seed=0, **change):
    return context(parse_analysis(CONTENT | change, "x"), sha256, seed)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "another"},
        {"question": "another"},
        {"explain": {"shap": False}},
        {"validation": {"repeats": 5}},
        {"validation": {"full": {"scrambles": 500}}},
        {"data": {"table": "efa", "target": "efa", "notes": ["n"]}},
    ],
)
def test_words_and_counts_leave_the_parts_valid(change):
    assert of(**change) == of()


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"table": "efa", "target": "efa", "families": ["carbide"]}},
        {"engines": {"sisso": {"rungs": 1}}},
        {"validation": {"folds": 4}},
        {"descriptors": {"redundancy": 0.8}},
        {"pca": 0.9},
    ],
)
def test_what_is_computed_does_not(change):
    assert of(**change) != of()


def test_neither_do_other_data_seeds_or_versions(monkeypatch):
    assert of("xyz") != of() != of(seed=1)
    before = of()
    monkeypatch.setattr("hecsr.study.context.version", lambda name: "0")
    assert of() != before


def test_nor_other_code():
    assert '"hecsr source": "' in of()
    assert '"numpy": "' in of()
