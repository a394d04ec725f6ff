"""No verb writes over what it reads, or two outputs to one file."""

import os

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hecsr.cli import app
from hecsr.errors import OutputError
from hecsr.formula.file import save_formulas
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.outputs import refuse_overwriting

runner = CliRunner()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a table, a link to it and a file of formulas."""
    monkeypatch.chdir(tmp_path)
    x = np.linspace(1.0, 5, 20)
    frame = pd.DataFrame({"composition": ["TiC", "ZrC"] * 10, "x": x, "H": 2 + 3 * x})
    frame.to_csv("d.csv", index=False)
    os.link("d.csv", "hard.csv")
    (tmp_path / "link.csv").symlink_to("d.csv")
    (tmp_path / "sub").mkdir()
    formula = fit_formula(
        [parse("x")], {"x": x}, frame["H"].to_numpy(), task="regression",
        target=Target("H"), descriptors={},
    )  # fmt: skip
    save_formulas("s.json", formula)
    return tmp_path


SCORE = "score x d.csv --target H --folds 2"
REFUSED = [
    f"{SCORE} --output d.csv",
    f"{SCORE} --save d.csv",
    f"{SCORE} --set-aside d.csv",
    f"{SCORE} --output sub/../d.csv",
    f"{SCORE} --output link.csv",
    f"{SCORE} --save hard.csv",
    f"{SCORE} --output o.csv --save o.csv",
    f"{SCORE} --output o.csv --set-aside sub/../o.csv",
    "describe d.csv --output d.csv",
    "describe d.csv --set-aside d.csv",
    "describe d.csv --output o.csv --set-aside o.csv",
    "predict s.json --csv d.csv --output d.csv",
    "predict s.json --csv d.csv --output s.json",
    "predict s.json --csv d.csv --set-aside d.csv",
    "predict s.json --csv d.csv --set-aside s.json",
    "predict s.json --csv d.csv --output o.csv --set-aside o.csv",
    "predict s.json --set x=2 TiC --output s.json",
    "init d.csv --target H --output d.csv --force",
]


@pytest.mark.parametrize("words", REFUSED)
def test_nothing_is_overwritten(folder, words):
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    done = runner.invoke(app, words.split())
    assert done.exit_code == 2, done.output
    assert done.stderr.startswith("hecsr: --")
    assert "overwritten" in done.stderr or "are one file" in done.stderr
    assert done.stdout == ""
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before


def test_other_files_are_written_also_twice(folder):
    for _ in range(2):
        for words in (
            f"{SCORE} --output o.csv --save o.json --set-aside a.csv",
            "describe d.csv --use vec --output e.csv",
            "predict s.json --csv d.csv --output p.csv",
        ):
            done = runner.invoke(app, words.split())
            assert done.exit_code == 0, done.output
    assert {"o.csv", "o.json", "e.csv", "p.csv"} <= {p.name for p in folder.iterdir()}


def test_what_is_not_given_or_not_there_is_no_matter(folder):
    table, other = folder / "d.csv", folder / "gone" / "o.csv"
    refuse_overwriting({"the table": table, "more": None}, {"--output": None})
    refuse_overwriting(
        {"the table": table}, {"--output": other, "--save": table.parent}
    )
    with pytest.raises(OutputError, match=r"--output .* and --save .* are one file"):
        refuse_overwriting({}, {"--output": other, "--save": other})
    loop = folder / "loop.csv"
    loop.symlink_to(loop)
    refuse_overwriting({"the table": table}, {"--output": loop})
