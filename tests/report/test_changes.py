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
from hecsr.changes.scores import compare_rows, compare_scores
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


def test_on_other_rows_the_interval_of_the_first_run_decides(pair):
    folders = pair(
        {"held": predictions(), "interval": (0.9, 1.1)},
        {"held": predictions(shift=0.5, samples=range(5, 40))},
    )
    found = by_metric(folders)["mae"]
    assert found.by == "interval of the first run"
    assert found.beyond
    assert not found.better
    rows = compare_rows(*map(read_report, folders))
    assert (rows.kept, len(rows.added), len(rows.gone)) == (35, 0, 5)
    assert rows.gone[0] == "Ti0C (10)"


def test_rows_in_other_folds_are_not_paired(pair):
    held = predictions(shift=-0.05)
    folders = pair(
        {"held": predictions()}, {"held": held.assign(fold=1 - held["fold"])}
    )
    assert by_metric(folders)["mae"].by == "scatter of the folds"


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
