"""What changed between two runs is said from the files of their reports."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hecsr.changes import compare_reports
from hecsr.changes.folder import read_report
from hecsr.changes.formulas import compare_formulas
from hecsr.changes.lines import changed
from hecsr.changes.rows import compare_rows
from hecsr.changes.scores import FEWEST_COMMON, OTHER_ROWS, compare_scores
from hecsr.descriptors.catalogue import catalogue
from hecsr.errors import HecsrError
from hecsr.formula.domain import Domain
from hecsr.formula.expression import constants
from hecsr.formula.file import save_formulas
from hecsr.formula.formula import Coefficient, Formula, Target
from hecsr.formula.grammar import parse
from hecsr.units import NUMBER


def formula(text, values, errors, engine="sisso"):
    known = catalogue()
    expression = parse(text, [f"c{i}" for i in range(4)])
    used = [n for n in ("vec", "delta", "entropy") if n in text]
    coefficients = [
        Coefficient(n, v, e, NUMBER)
        for n, v, e in zip(constants(expression), values, errors, strict=True)
    ]
    return Formula(
        expression=expression,
        coefficients=tuple(coefficients),
        variables=tuple(known[n].descriptor for n in used),
        target=Target("hardness", "hardness", "H", "H", NUMBER),
        task="regression",
        domain=Domain(dict.fromkeys(used, (1.0, 9.0))),
        n_samples=20,
        provenance={"engine": engine},
    )


SAMPLES = range(40)


def predictions(shift=0.0, noise=0.0, samples=SAMPLES):
    rng = np.random.default_rng(3)
    rows = []
    for sample in samples:
        error = 1.0 + rng.normal(0, 0.1) + shift + noise * rng.normal()
        value = 10.0 + sample
        rows.append(
            {
                "scheme": "2-fold", "competitor": "sisso", "repeat": 0,
                "fold": sample % 2, "sample": sample, "composition": f"Ti{sample}C",
                "observed": value, "predicted": value + error,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def write(folder, *, held, formulas=(), settings=None, sd=0.05, interval=None):
    """Write a report's plain files."""
    folder.mkdir()
    run = {
        "format": "hecsr-run", "version": 1, "name": "small", "seed": 0,
        "versions": {"hecsr": "0.1.0", "numpy": "2.4.6"},
        "data": {"table": "mine.csv", "sha256": "ab", "rows_read": 42,
                 "rows_used": len(held)},
        "settings": {"task": "regression", **(settings or {})},
        "durations_s": {"comparison": 1.5},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run))
    error = (held["predicted"] - held["observed"]).abs()
    metrics = pd.DataFrame(
        [
            {"level": "mean", "scheme": "2-fold", "competitor": c, "kind": kind,
             "metric": m, "value": v, "sd": sd}
            for c, kind, m, v in (
                ("sisso", "formula", "mae", error.mean()),
                ("sisso", "formula", "rmse", np.sqrt((error**2).mean())),
                ("sisso:1", "front", "mae", 9.0),
            )
        ]
    )  # fmt: skip
    metrics.to_csv(folder / "metrics.csv", index=False)
    held.to_csv(folder / "predictions.csv", index=False)
    if interval is not None:
        low, high = interval
        pd.DataFrame(
            [{"scheme": "2-fold", "competitor": "sisso", "metric": "mae",
              "value": error.mean(), "low": low, "high": high, "against": ""}]
        ).to_csv(folder / "intervals.csv", index=False)  # fmt: skip
    if formulas:
        save_formulas(folder / "formulas.json", formulas)
    return folder


@pytest.fixture
def pair(tmp_path):
    """Write two reports; keywords of either are given as dictionaries."""

    def make(old, new):
        return write(tmp_path / "a", **old), write(tmp_path / "b", **new)

    return make


def by_metric(folders):
    return {c.metric: c for c in compare_scores(*map(read_report, folders))}


OLD = formula("c0 + c1 * vec + c2 * (delta * entropy)", [1, 2, 3], [0.5, 0.5, 0.5])


def test_equal_runs_differ_in_nothing(pair):
    said = compare_reports(*pair(*[{"held": predictions(), "formulas": [OLD]}] * 2))
    assert "Data: the same file." in said
    assert "Settings: no differences." in said
    assert "Formula of sisso: the same formula." in said
    assert "Scores: 0 of 2 in both runs differ, 0 beyond chance." in said
    assert "The 40 rows held out are the same." in said


def test_settings_differ_key_by_key():
    old = {"engines": {"sisso": {"rungs": 1}}, "use": ["a", "b"], "gone": None}
    new = {"engines": {"sisso": {"rungs": 2}}, "use": ["b", "c"], "seed": False}
    found = {c.key: (c.old, c.new) for c in changed(old, new)}
    assert found == {
        "engines.sisso.rungs": ("1", "2"),
        "use": ('also "a"', 'also "c"'),
        "gone": ("null", "–"),
        "seed": ("–", "false"),
    }


def test_a_changed_type_is_a_difference():
    assert [c.new for c in changed({"a": 1}, {"a": True})] == ["true"]


def test_a_shift_is_counted_in_standard_errors_of_the_first_run():
    new = formula("c0 + c1 * (delta * entropy) + c2 * vec", [1.2, 5, 2], [0.1] * 3)
    (change,) = compare_formulas([OLD], [new])
    assert change.verdict == "the same form with other coefficients"
    assert not change.added
    assert not change.gone
    shifts = {s.term: s.in_errors for s in change.shifts}
    assert shifts == pytest.approx({"intercept": 0.4, "vec": 0, "delta * entropy": 4})


def test_new_and_removed_terms_are_named():
    new = formula("c0 + c1 * vec + c2 * delta", [1, 2, 3], [0.5] * 3)
    (change,) = compare_formulas([OLD], [new])
    assert change.verdict == "another formula"
    assert (change.kept, change.added) == (("vec",), ("delta",))
    assert change.gone == ("delta * entropy",)


def test_formulas_are_paired_by_their_engine():
    other = replace(OLD, provenance={"engine": "lasso"})
    found = compare_formulas([OLD, other], [other])
    assert [(c.engine, c.verdict) for c in found] == [
        ("sisso", "no longer there"),
        ("lasso", "the same formula"),
    ]


def test_a_difference_on_the_same_rows_is_held_against_its_own_interval(pair):
    # far below the scatter of the folds, and yet on every row
    folders = pair(
        {"held": predictions(), "sd": 5.0},
        {"held": predictions(shift=-0.05), "sd": 5.0},
    )
    found = by_metric(folders)["mae"]
    assert found.beyond
    assert found.better
    assert found.by == "the same rows"
    assert found.low == pytest.approx(-0.05)
    assert by_metric(folders)["rmse"].by == "scatter of the folds"
    assert not by_metric(folders)["rmse"].beyond


def test_a_difference_of_both_signs_is_not_beyond_chance(pair):
    folders = pair({"held": predictions()}, {"held": predictions(noise=0.3)})
    found = by_metric(folders)["mae"]
    assert found.low < 0 < found.high
    assert not found.beyond


def test_on_other_rows_both_runs_are_scored_on_those_in_common(pair):
    # the first five rows are far off in the first run and not in the second at all:
    # a mean without them is no gain, whatever the interval of the first run is
    hard = predictions()
    hard.loc[hard["sample"] < 5, "predicted"] += 100.0
    folders = pair(
        {"held": hard, "interval": (0.9, 1.1)},
        {"held": predictions(samples=range(5, 40))},
    )
    first, second = (read_report(f).predictions for f in folders)
    first = first[first["sample"] >= 5]
    errors = [p["predicted"] - p["observed"] for p in (first, second)]
    found = by_metric(folders)
    assert found["mae"].by == "35 rows in common"
    assert found["mae"].old == pytest.approx(errors[0].abs().mean())
    assert found["mae"].new == pytest.approx(errors[1].abs().mean())
    assert found["mae"].low < 0 < found["mae"].high
    assert not found["mae"].beyond
    # no mean over rows, and so no interval: both scores are given and not judged
    assert found["rmse"].old == pytest.approx(np.sqrt((errors[0] ** 2).mean()))
    assert found["rmse"].beyond is None
    assert "1 not judged" in compare_reports(*folders)
    rows = compare_rows(*map(read_report, folders))
    assert (rows.kept, len(rows.added), len(rows.gone)) == (35, 0, 5)
    assert rows.gone[0] == "Ti0C (10)"


def test_rows_are_known_by_what_they_hold_and_not_by_their_number(pair):
    held = predictions(shift=-0.05, samples=range(5, 40))
    folders = pair({"held": predictions(samples=range(5, 40))}, {"held": held.assign(
        sample=39 - held["sample"], repeat=held["sample"] % 3)})  # fmt: skip
    found = by_metric(folders)["mae"]
    assert found.by == "35 rows in common"
    assert (found.low, found.high) == pytest.approx((-0.05, -0.05))
    assert found.beyond
    assert found.better


def test_a_row_counts_once_however_often_it_was_held_out(pair):
    held = predictions(samples=range(20))
    again = held.assign(repeat=1, predicted=held["predicted"] + 1.0)
    twice = pd.concat([held, again[again["sample"] < 4]])
    folders = pair({"held": twice}, {"held": predictions(samples=range(10, 30))})
    # none of the rows that were held out twice is in common
    assert by_metric(folders)["mae"].by == "10 rows in common"
    (folders[1] / "predictions.csv").unlink()
    held.to_csv(folders[1] / "predictions.csv", index=False)
    found = by_metric(folders)["mae"]
    assert found.by == "20 rows in common"
    assert found.new - found.old == pytest.approx(-0.5 * 4 / 20)


def test_too_few_rows_in_common_are_not_compared_and_not_counted(pair):
    few = FEWEST_COMMON - 1
    folders = pair(
        {"held": predictions(), "interval": (0.9, 1.1)},
        {"held": predictions(shift=0.5, samples=range(40 - few, 80))},
    )
    for one in by_metric(folders).values():
        assert one.by == OTHER_ROWS
        assert one.beyond is None
        assert np.isnan(one.difference)
    flat = " ".join(compare_reports(*folders).split())
    assert "Scores: none of the same rows in both runs; 2 of other rows, not" in flat
    assert "other rows: not comparable" in flat
    assert "better" not in flat
    assert "worse" not in flat


def test_without_predictions_like_is_held_against_like(pair):
    # the mean over folds is beyond the interval, the mean over rows is not
    folders = pair(
        {"held": predictions(), "interval": (0.9, 1.1)},
        {"held": predictions(shift=0.05), "interval": (0.9, 1.2)},
    )
    for folder in folders:
        (folder / "predictions.csv").unlink()
    metrics = pd.read_csv(folders[1] / "metrics.csv")
    metrics.loc[metrics["metric"] == "mae", "value"] = 3.0
    metrics.to_csv(folders[1] / "metrics.csv", index=False)
    found = by_metric(folders)
    assert found["mae"].by == "interval of the first run"
    assert found["mae"].new < 1.1
    assert not found["mae"].beyond
    assert found["rmse"].by == "scatter of the folds"


def test_without_predictions_scores_of_other_data_are_not_compared(pair):
    folders = pair(
        {"held": predictions(), "interval": (0.9, 1.1)},
        {"held": predictions(shift=0.5, samples=range(5, 40)), "interval": (1, 2)},
    )
    (folders[0] / "predictions.csv").unlink()
    assert {c.by for c in by_metric(folders).values()} == {OTHER_ROWS}


def test_rows_in_other_folds_are_in_common(pair):
    held = predictions(shift=-0.05)
    folders = pair(
        {"held": predictions()}, {"held": held.assign(fold=1 - held["fold"])}
    )
    assert by_metric(folders)["mae"].by == "40 rows in common"


def test_a_score_that_neither_run_has_is_not_counted(pair):
    folders = pair(*[{"held": predictions()}] * 2)
    for folder, mae in zip(folders, (1.0, np.nan), strict=True):
        metrics = pd.read_csv(folder / "metrics.csv")
        metrics.loc[metrics["metric"] == "rmse", "value"] = np.nan
        metrics.loc[metrics["metric"] == "mae", "value"] = mae
        metrics.to_csv(folder / "metrics.csv", index=False)
    said = compare_reports(folders[0], folders[0])
    assert "Scores: 0 of 1 in both runs differ, 0 beyond chance." in said
    assert "1 score in both, equal to the digits of the files." in said
    said = compare_reports(*folders)
    assert "Scores: none of the same rows in both runs; 1 in one run only." in said


def test_what_one_run_lacks_is_said_and_the_rest_compared(pair):
    a, b = pair(*[{"held": predictions(), "formulas": [OLD]}] * 2)
    for name in ("formulas.json", "predictions.csv"):
        (a / name).unlink()
    said = compare_reports(a, b)
    flat = " ".join(said.split())
    assert "holds no formulas.json, intervals.csv, predictions.csv" in flat
    assert "Formula of sisso" not in said
    assert "Scores: 0 of 2 in both runs differ" in said
    (b / "metrics.csv").unlink()
    assert "b holds no metrics.csv" in " ".join(compare_reports(a, b).split())


def test_markdown_is_written_and_its_place_said(pair, tmp_path):
    a, b = pair(
        {"held": predictions(), "settings": {"x": "a|b"}},
        {"held": predictions(shift=1)},
    )
    said = compare_reports(a, b, tmp_path / "diff.md")
    assert said == f"written to {tmp_path / 'diff.md'}"
    text = (tmp_path / "diff.md").read_text()
    assert text.startswith("# What changed between two runs\n")
    assert '| `x` | "a\\|b" | – |' in text
    assert "yes, worse (the same rows)" in text


def test_a_folder_that_is_no_report_is_refused(tmp_path, pair):
    a, b = pair({"held": predictions()}, {"held": predictions()})
    with pytest.raises(HecsrError, match="c is not there; give the folder of a report"):
        compare_reports(a, tmp_path / "c")
    (tmp_path / "c").mkdir()
    with pytest.raises(HecsrError, match=r"no report: it holds no run\.json"):
        compare_reports(a, tmp_path / "c")
    (tmp_path / "c" / "run.json").write_text("[]")
    with pytest.raises(HecsrError, match="not of a run of hecsr"):
        compare_reports(a, tmp_path / "c")
    (b / "run.json").write_text('{"format": "hecsr-run", "version": 2}')
    with pytest.raises(HecsrError, match="of version 2; 1 is read: update hecsr"):
        compare_reports(a, b)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("run.json", "{", "damaged"),
        ("metrics.csv", "level,scheme\n", "lacks the column"),
        ("metrics.csv", "", "no readable table"),
        (
            "metrics.csv",
            "level,scheme,competitor,metric,value\nmean,s,c,mae,often\n",
            "line 2, column 'value': 'often' is no number",
        ),
        ("formulas.json", "{}", "formulas.json"),
    ],
)
def test_a_damaged_file_is_named(pair, name, text, said):
    a, b = pair({"held": predictions()}, {"held": predictions()})
    (b / name).write_text(text)
    with pytest.raises(HecsrError, match=said):
        compare_reports(a, b)


def counted(folder):
    """Add to the metrics how many rows each fold predicts, as a report does."""
    held = pd.read_csv(folder / "predictions.csv")
    metrics = pd.read_csv(folder / "metrics.csv")
    folds = held.groupby("fold")["predicted"].count()
    more = pd.DataFrame(
        {"level": "fold", "scheme": "2-fold", "competitor": "sisso",
         "kind": "formula", "metric": "mae", "value": 1.0, "repeat": 0,
         "fold": folds.index, "n": folds.to_numpy()}
    )  # fmt: skip
    joined = pd.concat([metrics, more], ignore_index=True)
    joined.to_csv(folder / "metrics.csv", index=False)


def test_predictions_that_were_cut_off_are_damaged(pair):
    held = predictions()
    # a rule says nothing of some rows, which are not counted
    held.loc[3, "predicted"] = np.nan
    a, b = pair({"held": held}, {"held": held})
    for folder in (a, b):
        counted(folder)
    file = b / "predictions.csv"
    whole = file.read_bytes()
    assert "0 of 2 in both runs differ" in compare_reports(a, b)
    lines = whole.splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:31]))
    with pytest.raises(
        HecsrError,
        match=r"predictions\.csv is damaged: of sisso, 2-fold, .* 29 .* counts 39",
    ):
        compare_reports(a, b)
    file.write_bytes(b"".join(lines[:31]) + b"2-fold,sisso,0")
    with pytest.raises(
        HecsrError, match=r"predictions\.csv is damaged: line 32 .* column 'fold'"
    ):
        compare_reports(a, b)
    file.write_bytes(whole.replace(b"Ti7C", b""))
    with pytest.raises(HecsrError, match="line 9 holds nothing in column 'composition"):
        compare_reports(a, b)
    file.write_bytes(whole.replace(b"2-fold,sisso,0,", b"2-fold,sisso,nan,", 1))
    with pytest.raises(HecsrError, match="line 2, column 'repeat': 'nan' is no number"):
        compare_reports(a, b)
    file.write_bytes(whole)
    metrics = (b / "metrics.csv").read_bytes().splitlines(keepends=True)
    (b / "metrics.csv").write_bytes(b"".join(metrics[:-1]))
    with pytest.raises(HecsrError, match=r"metrics\.csv is damaged: .* counts 2"):
        compare_reports(a, b)


def test_pickles_beside_the_files_are_never_read(pair):
    a, b = pair({"held": predictions()}, {"held": predictions()})
    before = compare_reports(a, b)
    (b / "result.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    assert compare_reports(a, b) == before


def test_a_report_equals_a_copy_of_itself(tmp_path):
    held = predictions().astype({"predicted": object})
    held.loc[3, "predicted"] = ""
    a = write(tmp_path / "a", held=held.astype({"predicted": "str"}).assign(
        predicted=pd.to_numeric(held["predicted"], errors="coerce")))  # fmt: skip
    b = shutil.copytree(a, tmp_path / "b")
    assert all(c.same for c in compare_scores(read_report(a), read_report(b)))
