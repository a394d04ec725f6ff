"""Reading a user's own table: everything wrong is said, and where it is."""

from __future__ import annotations

import csv
import string
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hecsr.errors import BadRowsError, CompositionError, TableError
from hecsr.tables import read_user_csv

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, text: str | bytes, name: str = "mine.csv") -> Path:
    path = folder / name
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    path.write_bytes(data)
    return path


def parse(text: str) -> str:
    """Stand in for the composition parser."""
    if not text.endswith("C"):
        message = f"'{text}' is no carbide"
        raise CompositionError(message)
    return text.upper()


def read(path: Path, **options: Any) -> Any:
    return read_user_csv(path, ["hv"], numeric=["hv", "load"], **options)


def test_a_good_table_comes_back_with_numbers_and_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "composition,hv,load\nTiC,28.5,9.8\n\nZrC,2e1,\n")
    table = read(path, parse=parse)
    assert table.frame["hv"].tolist() == [28.5, 20.0]
    assert table.frame["load"].dtype == np.float64
    assert np.isnan(table.frame["load"][1])
    assert table.lines == (2, 4)
    assert table.parsed == ("TIC", "ZRC")
    assert table.bad_rows == ()
    assert table.set_aside is None


def test_missing_column_is_named_with_a_suggestion_and_what_there_is(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "Composition,hvv\nTiC,1\n")
    with pytest.raises(TableError) as caught:
        read(path)
    text = str(caught.value)
    assert "'composition' (did you mean 'Composition'?)" in text
    assert "'hv' (did you mean 'hvv'?)" in text
    assert "columns in the file: Composition, hvv" in text


def test_every_fault_is_reported_with_line_column_and_reason(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "composition,hv,load\n"
        "TiC,28,1\n"
        "ZrC,hard,1\n"
        ",20,inf\n"
        "HfN,,1\n"
        "NbC,1_0,1\n"
        'TaC,"3,5",1\n'
        "VC,1\n"
        "WC,1e999,1\n",
    )
    with pytest.raises(BadRowsError) as caught:
        read(path, parse=parse)
    found = [(row.line, row.column, row.reason) for row in caught.value.rows]
    assert found == [
        (3, "hv", "text 'hard' where a number should be"),
        (4, "composition", "empty"),
        (4, "load", "'inf' is not a finite number"),
        (5, "composition", "'HfN' is no carbide"),
        (5, "hv", "empty"),
        (6, "hv", "text '1_0' where a number should be"),
        (7, "hv", "'3,5' has a decimal comma; write 3.5"),
        (8, "(whole row)", "2 cell(s) where the header has 3"),
        (9, "hv", "'1e999' is too large a number"),
    ]
    assert "line 3, column 'hv'" in str(caught.value)
    assert "set aside" in str(caught.value)


def test_bad_rows_are_set_aside_on_request(tmp_path: Path) -> None:
    path = write(tmp_path, "composition,hv\nTiC,28\nZrC,x\nHfC,1,extra\n")
    table = read(path, on_bad="set_aside")
    assert table.frame["composition"].tolist() == ["TiC"]
    assert table.set_aside == tmp_path / "mine.set_aside.csv"
    with table.set_aside.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["composition"] for row in rows] == ["ZrC", "HfC"]
    assert rows[0]["reason"] == (
        "line 3, column 'hv': text 'x' where a number should be"
    )
    assert "extra" in rows[1]["reason"]
    assert len(table.bad_rows) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "mine.csv",
        "mine.set_aside.csv",
    ]


def test_nothing_is_written_when_no_row_is_bad(tmp_path: Path) -> None:
    path = write(tmp_path, "composition,hv\nTiC,28\n")
    assert read(path, on_bad="set_aside").set_aside is None
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]


def test_all_rows_bad_is_an_error_even_when_setting_aside(tmp_path: Path) -> None:
    path = write(tmp_path, "composition,hv\nTiC,x\n")
    with pytest.raises(BadRowsError, match="no row is left"):
        read(path, on_bad="set_aside")


def test_a_reason_column_of_the_user_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "composition,hv,reason\nTiC,1,mine\nZrC,x,mine\n")
    table = read(path, on_bad="set_aside", set_aside_path=tmp_path / "out.csv")
    header = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "composition,hv,reason,reason_"
    assert table.set_aside == tmp_path / "out.csv"


def test_unwritable_folder_is_an_error_the_user_can_act_on(tmp_path: Path) -> None:
    path = write(tmp_path, "composition,hv\nTiC,1\nZrC,x\n")
    with pytest.raises(TableError, match="cannot be written"):
        read(path, on_bad="set_aside", set_aside_path=tmp_path / "no" / "out.csv")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "mine.csv is empty"),
        ("\n\n \n", "mine.csv is empty"),
        ("composition,hv\n", "not a single row"),
        ("composition,hv,hv\nTiC,1,2\n", "named twice: hv"),
        ("composition,,hv\nTiC,1,2\n", "column 2 has no name"),
        (b"composition,hv\nTiC,1\nZr\xe4,2\n", "line 3: not UTF-8"),
        ("composition,hv\nTiC,1\n".encode("utf-16"), "UTF-16"),
        ('composition,hv\nTiC,1\n"ZrC,2\n', "line 3: not a readable CSV"),
    ],
)
def test_unusable_files_are_refused_clearly(
    tmp_path: Path, content: str | bytes, words: str
) -> None:
    with pytest.raises(TableError, match=words):
        read(write(tmp_path, content))


def test_absent_file_and_folder_are_refused_clearly(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="there is no file"):
        read(tmp_path / "none.csv")
    with pytest.raises(TableError, match="cannot be read"):
        read(tmp_path)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_byte_order_mark_are_recognised(
    tmp_path: Path, separator: str
) -> None:
    text = "\ufeffcomposition,hv,load\r\nTiC,28.5,1\r\n".replace(",", separator)
    table = read(write(tmp_path, text))
    assert list(table.frame.columns) == ["composition", "hv", "load"]
    assert table.frame["hv"].tolist() == [28.5]


def test_separator_is_told_by_the_wanted_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "composition;hv;note, and more, and more\nTiC;1;a\n")
    assert read(path).frame["hv"].tolist() == [1.0]


def test_nameless_empty_columns_at_the_end_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, "composition,hv,,\nTiC,1,,\nZrC,2\n")
    assert read(path).frame.shape == (2, 2)


def test_lines_are_counted_through_quoted_line_breaks(tmp_path: Path) -> None:
    path = write(tmp_path, 'composition,hv,note\nTiC,1,"two\nlines"\nZrC,x,\n')
    with pytest.raises(BadRowsError) as caught:
        read(path)
    assert [row.line for row in caught.value.rows] == [4]


def test_composition_column_may_be_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, "hv\n1\n")
    assert read(path, composition=None).frame["hv"].tolist() == [1.0]


def test_unknown_way_with_bad_rows_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "composition,hv\nTiC,1\n")
    with pytest.raises(TableError, match="refuse, set_aside"):
        read(path, on_bad="ignore")


CELLS = st.text(string.printable.replace("\x0b", "").replace("\x0c", ""), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_any_text_gives_a_table_or_a_readable_error(
    tmp_path: Path, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("composition", "hv"), *rows])
    table, refusal = None, ""
    try:
        table = read(path)
    except TableError as error:
        refusal = str(error)
    if table is None:
        assert "any.csv" in refusal
    else:
        assert np.isfinite(table.frame["hv"]).all()
        assert (table.frame["composition"] != "").all()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_finite_numbers_come_back_exactly(tmp_path: Path, numbers: list[float]) -> None:
    path = tmp_path / "numbers.csv"
    rows = "".join(f"TiC,{number!r}\n" for number in numbers)
    path.write_text("composition,hv\n" + rows, encoding="utf-8")
    assert read(path).frame["hv"].tolist() == numbers
