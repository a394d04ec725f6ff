"""Loading shipped tables, and refusing them when they were altered."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from hecsr.errors import TableError
from hecsr.tables import citation, info, load, names, sources
from hecsr.tables.catalogue import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = {
    "deed": 33,
    "efa": 483,
    "formability": 228,
    "formability_reports": 382,
    "hardness": 412,
}


@pytest.mark.parametrize(("name", "rows"), COUNTS.items())
def test_tables_hold_all_their_rows(name: str, rows: int) -> None:
    assert len(load(name)) == rows == info(name).rows


def test_efa_sets_have_their_sizes_and_known_values() -> None:
    table = load("efa")
    sizes = table.groupby("dataset").size()
    assert sizes.to_dict() == {"divilov2024": 421, "sarker2018_kaufmann2020": 62}
    indexed = table.set_index(["dataset", "composition"])["efa"]
    # Printed in the papers.
    assert indexed["divilov2024", "Hf0.2Nb0.2Ta0.2Ti0.2Zr0.2C1"] == 99
    assert indexed["sarker2018_kaufmann2020", "Mo0.2Nb0.2Ta0.2V0.2W0.2C1"] == 125
    assert indexed["sarker2018_kaufmann2020", "Cr0.2Mo0.2Nb0.2V0.2W0.2C1"] == 116


def test_the_two_efa_sets_agree_as_far_as_they_are_known_to() -> None:
    table = load("efa").pivot_table(
        index="composition", columns="dataset", values="efa"
    )
    both = table.dropna()
    assert len(both) == 62
    assert both.corr().iloc[0, 1] == pytest.approx(0.990, abs=0.001)


def test_labelled_carbides_are_73_to_27() -> None:
    table = load("formability")
    labels = table.loc[table["family"] == "carbide", "single_phase"]
    assert labels.value_counts().to_dict() == {1: 73, 0: 27}
    assert labels.isna().sum() == 2


def test_reports_of_each_composition_exist() -> None:
    reports = set(load("formability_reports")["report"])
    for row in load("formability").itertuples():
        keys = row.reports.split()
        assert len(keys) == row.n_reports
        assert set(keys) <= reports


def test_hardness_groups_stand_for_one_paper_only_if_named() -> None:
    table = load("hardness")
    unnamed = table[~table["named_paper"]]
    assert unnamed["paper"].str.startswith(("compilation_", "unattributed_")).all()
    named = table[table["named_paper"]]
    assert (named["paper"] == named["source"]).all()
    assert set(unnamed["source"]) <= {
        "hickey_brgoch2022",
        "zhang2021_advmat",
        "jaafreh2022",
    }


def test_columns_have_the_types_they_are_said_to_have() -> None:
    table = load("hardness")
    assert table["hardness"].dtype == "float64"
    assert table["film"].dtype == bool
    assert load("formability")["single_phase"].dtype == pd.Int64Dtype()
    assert load("precursor_compounds")["metals_per_formula"].dtype == "int64"
    assert set(table["phase"]) == {"", "single", "multi"}


def test_a_loaded_table_is_a_copy() -> None:
    table = load("efa")
    table.loc[0, "efa"] = -1.0
    assert load("efa").loc[0, "efa"] != -1.0


def test_unknown_table_is_refused_with_a_suggestion() -> None:
    with pytest.raises(TableError, match="did you mean 'hardness'"):
        load("hardnes")


def test_citation_of_a_recalled_doi_is_empty() -> None:
    assert citation("rost2015").doi == "10.1038/ncomms9485"
    assert citation("zhou2018").doi == ""


def test_sources_keep_the_order_asked_for() -> None:
    table = sources(["sarker2018", "divilov2024", "sarker2018"])
    assert list(table["key"]) == ["sarker2018", "divilov2024"]
    assert len(sources()) == info("sources").rows
    with pytest.raises(TableError, match="sarker2018"):
        sources(["sarker2008"])


def run_with_copy(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code against a copy of the package, so that files may be spoilt."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    package = FOLDER.parents[1]
    (tmp_path / "hecsr").mkdir()
    shutil.copy(package / "errors.py", tmp_path / "hecsr" / "errors.py")
    (tmp_path / "hecsr" / "__init__.py").touch()
    shutil.copytree(
        package / "tables",
        tmp_path / "hecsr" / "tables",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return tmp_path


def test_an_altered_table_is_refused_by_name(copied: Path) -> None:
    path = copied / "hecsr" / "tables" / "data" / "elements.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("147", "148", 1), encoding="utf-8")
    code = "from hecsr.tables import elements; elements.property_values('vec')"
    result = run_with_copy(copied, code)
    assert result.returncode != 0
    assert "TableError" in result.stderr
    assert "elements.csv has been altered" in result.stderr
    assert "reinstall" in result.stderr


def test_other_tables_still_load_beside_an_altered_one(copied: Path) -> None:
    path = copied / "hecsr" / "tables" / "data" / "elements.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    code = "from hecsr.tables import load; print(len(load('deed')))"
    assert run_with_copy(copied, code).stdout.strip() == "33"


def test_an_absent_table_is_named(copied: Path) -> None:
    (copied / "hecsr" / "tables" / "data" / "efa.csv").unlink()
    result = run_with_copy(copied, "from hecsr.tables import load; load('efa')")
    assert "efa.csv cannot be read" in result.stderr


def test_names_come_without_reading_rows() -> None:
    assert {"elements", "precursor_properties", "withheld"} < set(names())
