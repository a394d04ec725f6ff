"""A report is written whole or not at all, and the same bytes each time."""

import json
import shutil
from dataclasses import replace

import matplotlib as mpl
import pandas as pd
import pytest

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import OutputError
from hecsr.report import files
from hecsr.report.build import build
from hecsr.report.figures.catalogue import save
from hecsr.report.files import check, write
from hecsr.report.typst import compile_pdf
from hecsr.report.validation_frames import validation_frames
from hecsr.report.view import View


@pytest.fixture(scope="module")
def written(complete, tmp_path_factory):
    return write(complete, tmp_path_factory.mktemp("report") / complete.data.task)


@pytest.fixture
def quick(monkeypatch):
    """Write empty drawings where the figures do not matter."""
    empty = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'

    def stub(_, figure, folder):
        for kind in ("svg", "png"):
            (folder / f"{figure.stem}.{kind}").write_text(empty)

    monkeypatch.setattr(files, "save", stub)


def content(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_all_files_are_there(written):
    names = set(content(written))
    assert {
        "report.md",
        "report.pdf",
        "formulas.json",
        "formulas.tex",
        "metrics.csv",
        "predictions.csv",
        "importance.csv",
        "run.json",
        "figures/front.svg",
        "figures/front.png",
    } <= names
    assert set(json.loads((written / "run.json").read_text())["files"]) == names


def test_the_markdown_links_figures_that_exist(written):
    text = (written / "report.md").read_text()
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    figures = [link for link in links if link.startswith("figures/")]
    assert figures
    assert all((written / link).is_file() for link in figures)


def test_the_same_study_gives_the_same_bytes(complete, written, tmp_path, monkeypatch):
    def copied(_, figure, folder):
        # that a figure is drawn with the same bytes twice is tested one by one
        for path in (written / "figures").glob(f"{figure.stem}.*"):
            shutil.copy(path, folder)

    monkeypatch.setattr(files, "save", copied)
    again = write(complete, tmp_path / "again")
    first, second = content(written), content(again)
    assert first.keys() == second.keys()
    assert [n for n in first if first[n] != second[n]] == []


def test_the_pdf_is_of_the_archival_kind(written):
    pdf = (written / "report.pdf").read_bytes()
    assert b"pdfaid:part" in pdf
    assert pdf.startswith(b"%PDF-1.7")


def test_global_settings_of_matplotlib_are_left_alone(regression, tmp_path):
    before = dict(mpl.rcParams)
    view, report = View(regression), build(regression)
    save(view, report.figures[0], tmp_path)
    assert dict(mpl.rcParams) == before


TABLES = {
    "agreement",
    "applicability",
    "applicability_ranks",
    "applicability_summary",
    "averaging",
    "averaging_scores",
    "calibration",
    "chance",
    "chance_fits",
    "chance_tests",
    "contributions",
    "correlated",
    "coverage",
    "dependence",
    "feature_space",
    "feature_space_fits",
    "inclusion",
    "inclusion_terms",
    "learning_curves",
    "local_effects",
    "multitask",
    "multitask_coefficients",
    "multitask_left_out",
    "multitask_predictions",
    "multitask_scores",
    "overfitting",
    "ranks",
    "rashomon",
    "rashomon_folds",
    "rashomon_sizes",
    "significance",
    "stability_coefficients",
    "stability_descriptors",
    "stability_draws",
    "stability_families",
    "stability_formulas",
    "stability_terms",
}


def test_each_table_of_the_validation_has_its_file(complete, written):
    frames = validation_frames(complete)
    assert set(frames) == TABLES
    assert {p.name for p in (written / "validation").iterdir()} == {
        f"{name}.csv" for name in TABLES
    }
    for name, frame in frames.items():
        path = written / "validation" / f"{name}.csv"
        if not len(frame.columns):
            assert path.read_text().strip() == ""
            continue
        again = pd.read_csv(path)
        assert list(again.columns) == [str(c) for c in frame.columns], name
        assert len(again) == len(frame), name
        # a cell is a number, a word or a list of words, and nothing of Python
        text = path.read_text()
        assert not any(c in text for c in ("['", "('", "[]", "frozenset(")), name


def test_a_second_list_of_formulas_bears_the_name_of_its_engine(complete):
    (first,) = complete.rashomon
    two = replace(complete, rashomon=(first, replace(first, engine="other")))
    names = set(validation_frames(two))
    assert {"rashomon", "rashomon_other", "coverage_other"} <= names


@pytest.mark.usefixtures("quick")
def test_without_the_long_validation_there_are_none_of_its_files(study, tmp_path):
    folder = write(study, tmp_path / "r")
    names = set(content(folder))
    assert "report.pdf" in names
    assert not {n for n in names if n.startswith("validation/")}
    assert validation_frames(study) == {}
    assert set(json.loads((folder / "run.json").read_text())["files"]) == names


def test_metrics_hold_aggregates_and_single_folds(complete, written):
    frame = pd.read_csv(written / "metrics.csv")
    assert set(frame["level"]) == {"mean", "pooled", "fold"}
    singles = complete.scores[complete.scores["fold"] >= 0]
    assert (frame["level"] == "fold").sum() == len(singles)


def test_the_saved_formulas_are_the_chosen_ones(complete, written):
    from hecsr.formula.file import load_formulas

    loaded = load_formulas(written / "formulas.json")
    assert len(loaded) == len(complete.best_formulas)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError])
@pytest.mark.usefixtures("quick")
def test_a_crash_leaves_the_old_report_whole(regression, tmp_path, monkeypatch, error):
    target = write(regression, tmp_path / "r")
    before = content(target)

    def broken(*_):
        raise error

    monkeypatch.setattr(files, "compile_pdf", broken)
    expected = OutputError if error is OSError else error
    with pytest.raises(expected):
        write(regression, target)
    assert content(target) == before
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_a_crash_between_the_two_moves_puts_the_old_report_back(
    tmp_path, monkeypatch, error
):
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "name").write_text(folder.name)
    real = type(old).rename

    def once(self, to):
        if self.name == "fresh":
            raise error
        return real(self, to)

    monkeypatch.setattr(type(old), "rename", once)
    with pytest.raises(error):
        files._swap(fresh, old)
    assert (old / "name").read_text() == "old"


@pytest.mark.usefixtures("quick")
def test_files_of_a_reader_are_kept(regression, tmp_path):
    target = write(regression, tmp_path / "r")
    (target / "notes.txt").write_text("mine")
    (target / "figures" / "stale.png").write_text("mine too")
    write(regression, target)
    assert (target / "notes.txt").read_text() == "mine"
    assert (target / "figures" / "stale.png").exists()


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(OutputError, match="not of an earlier report"):
        check(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "r").write_text("x")
    with pytest.raises(OutputError, match="is a file"):
        check(tmp_path / "r")
    with pytest.raises(OutputError, match="cannot be written"):
        check(tmp_path / "r" / "below")


def test_typst_that_cannot_be_set_gives_a_clear_error(tmp_path):
    with pytest.raises(OutputError, match="could not be typeset"):
        compile_pdf("$ no_such_symbol_here $", tmp_path)


@pytest.mark.usefixtures("quick")
def test_a_symbol_that_is_no_typst_is_reported(regression, tmp_path):
    bad = Descriptor("bad", "bad", "b", "nosuchthing(x)")
    summary = replace(
        regression.descriptors,
        computed=(*regression.descriptors.computed, bad),
        entering=(*regression.descriptors.entering, "bad"),
    )
    with pytest.raises(OutputError, match="nosuchthing"):
        write(replace(regression, descriptors=summary), tmp_path / "r")
    assert not (tmp_path / "r").exists()
