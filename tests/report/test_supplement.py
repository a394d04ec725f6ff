"""The workbook that is attached holds the data, and formulas that compute."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from hecsr.report.supplement import to_supplement
from hecsr.report.view import View
from hecsr.study.used_rows import UsedRows

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
NAMES = ["read me", "data", "predictions", "formula 1 SISSO", "formula 2 LASSO"]
NAMES += ["coefficients", "scores", "settings"]
# comma, quote, UTF-8, every digit, a file for every sheet
CONVERSION = (
    "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
)
_NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def rows_of(result):
    """Make up the rows of a study whose compositions its predictions hold."""
    known = result.predictions.drop_duplicates("sample").sort_values("sample")
    rng = np.random.default_rng(3)
    found = result.formulas[3].formula, result.formulas[6].formula
    columns = {
        name: rng.uniform(*formula.ranges[name], len(known))
        for formula in found
        for name in formula.names
    }
    return UsedRows(
        compositions=tuple(known["composition"]),
        observed=known["observed"].to_numpy(),
        groups=np.arange(len(known)),
        sources=("=HYPERLINK(1)",) * len(known),
        descriptors=pd.DataFrame(columns),
    )


@pytest.fixture(scope="module")
def supplement(study):
    return to_supplement(View(study), rows_of(study))


def part(content, name):
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


def sheet(content, name):
    """Return the shown cells of a sheet, row by row."""
    place = NAMES.index(name) + 1
    tree = ET.fromstring(part(content, f"xl/worksheets/sheet{place}.xml"))
    return [
        [
            "".join(c.find("x:is", _NS).itertext())
            if c.find("x:is", _NS) is not None
            else c.findtext("x:v", None, _NS)
            for c in row
        ]
        for row in tree.find("x:sheetData", _NS)
    ]


def test_the_sheets_are_in_order(supplement):
    assert re.findall(r'<sheet name="(.*?)"', part(supplement, "xl/workbook.xml")) == (
        NAMES
    )


def test_the_same_study_gives_the_same_bytes(study, supplement):
    assert to_supplement(View(study), rows_of(study)) == supplement
    dates = {e.date_time for e in zipfile.ZipFile(io.BytesIO(supplement)).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_the_data_are_the_rows_used_with_the_descriptors_of_the_formulas(
    study, supplement
):
    head, *rows = sheet(supplement, "data")
    assert head[:2] == ["sample", "composition"]
    assert "delta_r / %" in head
    assert "h_mix / kJ/mol" not in head
    assert len(rows) == study.data.rows_used


def test_each_held_out_row_has_its_fold_and_every_competitor(study, supplement):
    head, *rows = sheet(supplement, "predictions")
    own = study.predictions[study.predictions["scheme"] == "grouped"]
    shown = [c for c in study.competitors if c.kind != "front"]
    assert head[5:] == [c.label for c in shown]
    assert len(rows) == own.groupby(["repeat", "fold"])["sample"].nunique().sum()
    repeat, fold, sample = (int(v) for v in rows[7][:3])
    one = own[(own["repeat"] == repeat) & (own["fold"] == fold)]
    one = one[(one["sample"] == sample) & (one["competitor"] == "lasso")]
    assert float(rows[7][6]) == pytest.approx(one["predicted"].item(), rel=1e-9)


def test_text_that_could_be_taken_for_a_formula_stays_text(supplement):
    place = NAMES.index("data") + 1
    data = part(supplement, f"xl/worksheets/sheet{place}.xml")
    cells = re.findall(r'<c [^>]*s="(\d)"[^>]*><is><t[^>]*>=HYPERLINK', data)
    assert len(cells) > 10
    assert "<f>" not in data
    styles = part(supplement, "xl/styles.xml").partition("<cellXfs")[2]
    formats = re.findall(r"<xf .*?/>", styles)
    assert {'quotePrefix="1"' in formats[int(c)] for c in cells} == {True}


def test_nothing_in_it_runs_or_asks_elsewhere(supplement):
    names = zipfile.ZipFile(io.BytesIO(supplement)).namelist()
    assert not [n for n in names if "vba" in n or "external" in n]
    assert "http://schemas" in part(supplement, "xl/_rels/workbook.xml.rels")
    assert 'TargetMode="External"' not in part(supplement, "_rels/.rels")


def test_the_first_sheet_says_which_error_to_quote(regression, supplement):
    lines = [row[0] for row in sheet(supplement, "read me")]
    view = View(regression)
    score = view.written(view.score("sisso"), view.primary)
    own = to_supplement(view, rows_of(regression))
    assert f"SISSO: MAE {score} 1/eV" in [r[0] for r in sheet(own, "read me")]
    assert any(line.startswith("formula 1 SISSO: ") for line in lines)


def test_coefficients_have_their_errors_in_full(study, supplement):
    head, *rows = sheet(supplement, "coefficients")
    assert head[3].startswith("standard error")
    first = View(study).chosen[0].formula.coefficients[0]
    assert rows[0][1] == first.name
    assert float(rows[0][2]) == first.value


def test_settings_are_one_a_line(supplement):
    rows = dict(sheet(supplement, "settings"))
    assert rows["settings.engines.sisso.operators"] == "+, -, *, /"
    assert rows["settings.validation.folds"] == "5"
    assert rows["versions.numpy"] == "2.4.6"


def test_without_the_rows_a_formula_has_one_at_the_middle(regression):
    content = to_supplement(View(regression))
    head, row = sheet(content, "formula 1 SISSO")
    assert head[0] == "sample"
    assert row[1] == "middle of the fitted ranges"
    assert row[-1] == "yes"
    assert len(sheet(content, "data")) == regression.data.rows_used + 1


def test_a_formula_too_long_for_a_cell_says_so(regression, monkeypatch):
    from hecsr.errors import FormulaError
    from hecsr.report import supplement as module

    def refuse(*_):
        raise FormulaError("a cell formula of 9000 characters")

    monkeypatch.setattr(module, "to_excel", refuse)
    content = to_supplement(View(regression))
    row = sheet(content, "formula 1 SISSO")[1]
    assert "no cell formula: a cell formula of 9000 characters" in row


def test_names_that_no_sheet_may_have_are_mended(regression):
    odd = [replace(f, label="a/b [c]: " + "x" * 40) for f in regression.formulas]
    content = to_supplement(View(replace(regression, formulas=tuple(odd))))
    names = re.findall(r'<sheet name="(.*?)"', part(content, "xl/workbook.xml"))
    assert all(len(n) <= 31 and not set("[]:*?/\\'") & set(n) for n in names)
    assert len(set(names)) == len(names)


@pytest.fixture(scope="module")
def computed(study, supplement, tmp_path_factory):
    """Return a formula's sheet as LibreOffice computes it, no stored value left."""
    if SOFFICE is None:
        pytest.skip("no LibreOffice (soffice)")
    folder = tmp_path_factory.mktemp("supplement")
    given = zipfile.ZipFile(io.BytesIO(supplement))
    with zipfile.ZipFile(folder / "s.xlsx", "w") as archive:
        for name in given.namelist():
            text = given.read(name).decode()
            archive.writestr(name, re.sub(r"</f><v>[^<]*</v>", "</f>", text))
    subprocess.run(
        [
            SOFFICE,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            CONVERSION,
            "--outdir",
            str(folder),
            str(folder / "s.xlsx"),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    found = {}
    for name in NAMES[3:5]:
        text = (folder / f"s-{name}.csv").read_text(encoding="utf-8")
        found[name] = list(csv.reader(text.splitlines()))
    return found


def test_the_live_cells_compute_what_hecsr_computes(study, computed):
    for (head, *rows), chosen in zip(
        computed.values(), View(study).chosen, strict=True
    ):
        place = head.index("as hecsr computes it")
        live, value = (
            np.array([float(row[i]) for row in rows]) for i in (place - 1, place)
        )
        assert len(rows) == study.data.rows_used
        assert live == pytest.approx(value, rel=1e-12)
        names = chosen.formula.names
        columns = dict(
            zip(
                names,
                np.array([[float(c) for c in row[2 : place - 1]] for row in rows]).T,
                strict=True,
            )
        )
        assert value == pytest.approx(chosen.formula.evaluate(columns), rel=1e-9)
        assert {row[-1] for row in rows} == {"yes"}
