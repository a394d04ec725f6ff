"""The README's two lines are what continuous integration runs."""

import re
import subprocess
import sys
from pathlib import Path

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
    assert len(blocks) == 2
    code = "\n".join(blocks)
    code = "\n".join(line for line in code.splitlines() if "run_analysis" not in line)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


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
