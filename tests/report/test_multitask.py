"""The section on companions says what was shared, and whether it helped."""

from dataclasses import replace

import pytest
from sharing import sharing

from hecsr.report.build import build
from hecsr.report.markdown import to_markdown
from hecsr.report.model import Group, Heading, Table
from hecsr.report.typst import to_typst
from hecsr.report.validation_frames import validation_frames


def text(cell):
    return "".join(getattr(node, "text", "") for node in cell)


def cells(report, label):
    (found,) = [b for b in report.blocks if isinstance(b, Table) and b.label == label]
    return [
        row.text if isinstance(row, Group) else [text(c) for c in row]
        for row in found.rows
    ]


@pytest.fixture
def shown(classification):
    study = replace(classification, primary_metric="balanced_accuracy")
    return lambda **how: sharing(study, "balanced_accuracy", **how)


def test_without_companions_there_is_no_section(classification):
    heads = [b.text for b in build(classification).blocks if isinstance(b, Heading)]
    assert "With companions" not in heads
    assert not [n for n in validation_frames(classification) if "multitask" in n]


@pytest.mark.parametrize(
    ("helped", "said"),
    [
        (True, "companions helped"),
        (False, "companions did harm"),
        (None, "companions are not shown to help or to harm"),
    ],
)
def test_it_says_plainly_whether_companions_helped(shown, helped, said):
    written = to_markdown(build(shown(helped=helped)))
    assert f"Grouped 5-fold cross-validation: {said}" in written


def test_companions_and_what_is_not_scored_are_named(shown):
    report = build(shown())
    written = to_markdown(report)
    assert "Not scored by themselves: efa, oxide and diboride." in written
    assert "Of oxide there are fewer than 10 groups of a class: it lends" in written
    assert "Of diboride there is one class: it says nothing of the terms" in written
    assert "7 to 16 of their 486 rows" in written
    rows = cells(report, "tab:multitask-tasks")
    assert [r[0] for r in rows] == ["carbide", "efa", "oxide", "diboride"]
    assert rows[1][3:6] == ["421", "0.24", "searched for"]
    assert rows[2][2] == "a single phase: 47 of class 1, 5 of class 0"
    assert rows[2][6].startswith("44: the tables lack data")


def test_the_first_page_says_it_in_short(shown):
    said = to_markdown(build(shown(helped=True))).split("\n## ")[1]
    assert "**Companions.** Terms shared with " in said
    assert ", helped (balanced accuracy " in said


def test_the_difference_stands_beside_both_scores(shown):
    ((_, alone, together, gap, p, ends, n),) = cells(
        build(shown(helped=True)), "tab:multitask"
    )
    assert "±" in alone
    assert "±" in together
    assert gap.startswith("+0.")
    assert p == "< 0.001"
    assert " to " in ends
    assert n == "90"


def test_every_task_has_its_coefficients(shown):
    rows = cells(build(shown()), "tab:multitask-coefficients")
    groups = [row for row in rows if isinstance(row, str)]
    assert groups[1:] == ["efa, 421 rows", "oxide, 52 rows", "diboride, 13 rows"]
    assert [r[1] for r in rows if not isinstance(r, str)].count("intercept") == 4


def test_numbers_are_shown_with_their_unit_and_every_writer_takes_it(regression):
    study = sharing(replace(regression, primary_metric="mae"), "mae")
    report = build(study)
    rows = cells(report, "tab:multitask-tasks")
    assert rows[1][2].startswith("entropy-forming ability,\u00a0eV")
    assert "With companions" in to_typst(report)
    assert set(validation_frames(study)) >= {"multitask", "multitask_coefficients"}
