"""The description of the shipped tables and the tables themselves agree."""

from __future__ import annotations

import csv
import json
import re

import pytest

from hecsr.tables.catalogue import FOLDER, info, names, records

PACKAGE = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))


@pytest.mark.filterwarnings("ignore")  # frictionless and its dependencies
def test_every_table_satisfies_its_schema() -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(FOLDER / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])
    assert len(report.tasks) == len(names())


@pytest.mark.parametrize("name", names())
def test_table_is_described_in_full(name: str) -> None:
    told = info(name)
    assert told.title
    assert told.description
    assert told.licence
    assert told.sources
    assert all(field.description for field in told.fields)
    assert told.rows == len(records(name))


def test_every_csv_in_the_folder_is_described() -> None:
    there = {path.stem for path in FOLDER.glob("*.csv")}
    assert there == set(names())


def test_quantities_carry_a_unit() -> None:
    # Where the unit stands in the row or in properties.csv the field has none.
    elsewhere = {"value", "value_seen"}
    bare = [
        (resource["name"], field["name"])
        for resource in PACKAGE["resources"]
        for field in resource["schema"]["fields"]
        if field["type"] == "number"
        and "unit" not in field
        and field["name"] not in elsewhere
    ]
    assert bare == []


def test_every_source_key_resolves_and_every_source_is_used() -> None:
    keys = {row["key"] for row in records("sources")}
    used = set()
    for name in names():
        for row in records(name):
            if name != "sources" and "source" in row:
                used.add(row["source"])
            used.update(row.get("all_sources", "").split())
    assert used - keys == set()
    assert keys - used == set()


def test_dois_have_the_form_of_a_doi() -> None:
    dois = [row["doi"] for row in records("sources") if row["doi"]]
    assert dois
    assert all(re.fullmatch(r"10\.\d{4,9}/\S+", doi) for doi in dois)


def test_files_have_plain_line_ends_and_no_stray_spaces() -> None:
    for path in FOLDER.glob("*.csv"):
        data = path.read_bytes()
        assert b"\r" not in data
        assert data.endswith(b"\n")
        with path.open(encoding="utf-8", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert all(cell == cell.strip() for cell in cells), path.name
