"""The README's two lines are what continuous integration runs."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from hecsr.config import parse_analysis
from hecsr.study.engines import engines
from hecsr.study.rows import read_rows
from hecsr.study.samples import make_samples

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_ci_runs_exactly_the_readmes_two_lines():
    lines = re.findall(r"^python -m pip install .*$", README, re.MULTILINE)
    assert len(lines) == 2
    assert "hecsr run analyses/" in lines[0]
    assert lines[1].endswith("&& pytest")
    script = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    for line in lines:
        assert line in script


def test_the_readmes_python_runs():
    """Every Python block, in order, but for the run of a whole analysis."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 3
    code = "\n".join(blocks)
    code = "\n".join(line for line in code.splitlines() if "run_analysis" not in line)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_readmes_analyses_set_up_what_they_say(tmp_path):
    """Every whole analysis, up to the searches, on a table of the columns it names."""
    blocks = re.findall(r"```toml\n(name = .*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    tables = {
        "mine.csv": "composition,hardness,load\nTiZrC2,2500,100\nMoWC2,2000,200\n",
        "phases.csv": "composition,phase\nTiZrC2,single\nMoWZrC3,multi\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text, "utf-8")
    for block in blocks:
        analysis = parse_analysis(tomllib.loads(block), "README.md")
        rows = read_rows(analysis, tmp_path, tmp_path / "out")
        found, skipped = engines(analysis, make_samples(analysis, rows))
        assert [engine.name for engine in found] == ["sisso", "lasso"]
        assert not skipped


def test_the_folders_that_the_readme_names_exist():
    for name in re.findall(r"`((?:hecsr|analyses|reports|tests)/[\w/.]*)`", README):
        assert (ROOT / name).exists() or "<name>" in name, name


def test_help_is_quick_because_heavy_libraries_are_imported_late():
    code = (
        "import sys, hecsr, hecsr.cli\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'sympy', 'matplotlib', 'shap'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
