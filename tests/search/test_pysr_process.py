"""The process that PySR runs in: started, talked to, timed, interrupted, ended.

Stand-ins here are scripts that misbehave as a process; none answers for PySR in a fit.
"""

import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from hecsr.errors import EngineMissing, SearchError
from hecsr.search.pysr import julia
from hecsr.search.pysr.julia import available, find_julia
from hecsr.search.pysr.process import Job, PySRProcess, Settings, Workers

ONE = np.arange(6.0)
JOB = Job(ONE[:, None], ONE, None, {"niterations": 1}, {})
posix = pytest.mark.skipif(os.name != "posix", reason="signals and sessions of POSIX")
installed = pytest.mark.skipif(
    julia.find_spec("pysr") is None, reason="pysr is not installed"
)

START = """
import json, os, sys, time
from pathlib import Path

folder = Path(sys.argv[1])

def write(file, text):
    part = file.with_suffix(".new")
    part.write_text(text, encoding="utf-8")
    part.replace(file)

def job(number):
    while not (folder / f"job{number}" / "job.json").exists():
        time.sleep(0.01)
    return folder / f"job{number}"

write(folder / "ready.json", json.dumps({"version": "0"}))
"""
TABLE = """
place = job(0) / "tables" / "a" / "b"
place.mkdir(parents=True)
whole = 'Complexity,Loss,Equation\\n1,9.0,"x0"\\n3,1.0,"x0 * x0"\\n'
(place / "hall_of_fame.csv").write_text(whole[:40])
(place / "hall_of_fame.csv.bak").write_text(whole)
"""
HANG = """
time.sleep(600)
"""


@pytest.fixture
def stand_in(tmp_path):
    """Start a process of a script that stands in for the real one."""
    made = []

    def start(code, **options):
        program = tmp_path / "stand_in.py"
        program.write_text(code, encoding="utf-8")
        made.append(PySRProcess(Settings(program=program, **options)))
        return made[-1]

    yield start
    for process in made:
        process.close()
        assert not process.alive
        assert not process._folder.exists()


@pytest.fixture
def no_julia(monkeypatch, tmp_path):
    """A computer without Julia, whatever is installed on this one."""
    for name in list(os.environ):
        if name.startswith(("PYTHON_JULIA", "JULIA", "CONDA_PREFIX")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    return tmp_path


def executable(file):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


@installed
def test_without_julia_the_real_child_says_so_in_one_line(no_julia):
    process = PySRProcess(Settings())
    with pytest.raises(EngineMissing) as caught:
        process.search(JOB)
    text = str(caught.value)
    assert "\n" not in text
    assert "Traceback" not in text
    assert "PySR did not start" in text
    assert "could not find Julia" in text
    assert "install=True" in text
    process.close()


def test_without_julia_nothing_is_started_or_imported(no_julia, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)
    reason = available()
    assert reason is not None
    assert "\n" not in reason
    assert "pysr" not in sys.modules
    assert "juliacall" not in sys.modules


def test_without_pysr_it_is_named(no_julia, monkeypatch):
    monkeypatch.setattr(julia, "find_spec", lambda name: None)
    assert "pip install pysr" in available()


@posix
def test_julia_is_found_where_juliapkg_would_find_it(no_julia, monkeypatch):
    assert find_julia() is None
    launcher = executable(no_julia / ".juliaup/bin/julia")
    assert find_julia() == launcher
    installed = executable(no_julia / "venv/julia_env/pyjuliapkg/install/bin/julia")
    assert find_julia() == installed
    project = no_julia / "project"
    shared = executable(project / "pyjuliapkg/install/bin/julia")
    monkeypatch.setenv("PYTHON_JULIAPKG_PROJECT", str(project))
    assert find_julia() == shared
    recorded = executable(no_julia / "recorded/julia")
    (project / "pyjuliapkg/meta.json").write_text(f'{{"executable": "{recorded}"}}')
    assert find_julia() == recorded
    named = executable(no_julia / "named/julia")
    monkeypatch.setenv("PYTHON_JULIAPKG_EXE", named)
    assert find_julia() == named
    # one that was chosen and is not there is not replaced
    monkeypatch.setenv("PYTHON_JULIAPKG_EXE", named + "?")
    assert find_julia() is None
    if julia.find_spec("pysr") is not None:
        assert named + "?" in available()


@posix
def test_julia_on_the_path_is_found_last(no_julia, monkeypatch):
    on_path = executable(no_julia / "bin/julia")
    monkeypatch.setenv("PATH", str(no_julia / "bin"))
    assert find_julia() == on_path
    folder = no_julia / ".julia/juliaup"
    own = executable(folder / "julia-1.11/bin/julia")
    (folder / "juliaup.json").write_text(
        '{"InstalledVersions": {"1.11": {"Path": "./julia-1.11"}, "broken": 3}}'
    )
    assert Path(find_julia()).resolve() == Path(own)


@posix
def test_damaged_records_of_other_programs_are_no_julia(no_julia):
    meta = no_julia / "venv/julia_env/pyjuliapkg/meta.json"
    meta.parent.mkdir(parents=True)
    for text in ("", "[1]", '{"executable": 3}', "\x00"):
        meta.write_text(text)
        assert find_julia() is None


def test_the_child_is_alone_and_told_how_to_run(stand_in, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHON_JULIAPKG_PROJECT", "/kept")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    code = START + (
        "import warnings; warnings.warn('not an error')\n"
        "keys = [k for k in os.environ if k.startswith('PYTHON_JULIA')]\n"
        "told = {k: os.environ[k] for k in keys}\n"
        "told.update(stdin=sys.stdin.read(), path=sys.path[0], cwd=os.getcwd())\n"
        "write(job(0) / 'result.json', json.dumps({'error': json.dumps(told)}))\n"
    )
    with pytest.raises(SearchError) as caught:
        stand_in(code).search(JOB)
    told = str(caught.value)
    assert '"PYTHON_JULIACALL_HANDLE_SIGNALS": "yes"' in told
    assert '"PYTHON_JULIACALL_THREADS": "1"' in told
    assert '"PYTHON_JULIAPKG_OFFLINE": "yes"' in told
    assert '"PYTHON_JULIAPKG_PROJECT": "/kept"' in told
    assert '"stdin": ""' in told
    assert f'"path": "{tmp_path}"' not in told
    assert f'"cwd": "{Path.cwd()}"' not in told


def test_with_install_juliapkg_may_use_the_network(stand_in):
    code = START + (
        "told = os.environ.get('PYTHON_JULIAPKG_OFFLINE', 'allowed')\n"
        "write(job(0) / 'result.json', json.dumps({'error': told}))\n"
    )
    with pytest.raises(SearchError, match="allowed"):
        stand_in(code, install=True).search(JOB)


def test_arrays_and_options_reach_the_child_unchanged(stand_in):
    code = START + (
        "import numpy as np\n"
        "for number in range(2):\n"
        "    place = job(number)\n"
        "    asked = json.loads((place / 'job.json').read_text())\n"
        "    load = lambda n: np.load(place / n, allow_pickle=False)\n"
        "    rows = [[1, asked['options']['niterations'], asked['fit']['a']]]\n"
        "    total = load('X.npy')[:, 0] + load('y.npy') + load('weights.npy')\n"
        "    np.save(place / 'predictions.npy', total[None])\n"
        "    write(place / 'result.json', json.dumps({'equations': rows,"
        " 'unsupported': ['guesses'], 'warnings': []}))\n"
    )
    process = stand_in(code)
    for number in range(2):
        options = {"niterations": 0.1 + number}
        answer = process.search(Job(ONE[:, None], ONE, ONE, options, {"a": "é"}))
        [row] = answer.equations
        assert (row.complexity, row.loss, row.text) == (1, 0.1 + number, "é")
        np.testing.assert_array_equal(row.predictions, 3 * ONE)
        assert answer.ended == "finished"
        assert answer.version == "0"
        assert answer.unsupported == ("guesses",)


@pytest.mark.parametrize(
    "code",
    [
        "raise RuntimeError('first line\\nsecond line')",
        "print('noise'); print('RuntimeError: second line'); sys.exit(3)",
    ],
)
def test_a_child_that_dies_at_the_start_is_told_by_its_last_line(stand_in, code):
    with pytest.raises(EngineMissing, match="second line") as caught:
        stand_in("import sys\n" + code).search(JOB)
    assert "\n" not in str(caught.value)


@posix
def test_a_child_that_is_killed_is_told_with_its_signal(stand_in):
    code = START + "job(0); os.kill(os.getpid(), 9)"
    with pytest.raises(SearchError, match="was ended by SIGKILL"):
        stand_in(code).search(JOB)


@pytest.mark.parametrize(
    "result",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"equations": [[1, 2, "x0"]], "unsupported": [], "warnings": []}',
        '{"equations": 3, "unsupported": [], "warnings": []}',
        '{"equations": [["a", 2, "x0"]], "unsupported": [], "warnings": []}',
        '{"equations": [], "warnings": []}',
        "\x00\xff",
    ],
)
def test_garbage_from_a_child_is_an_error_and_no_result(stand_in, result):
    code = START + f"write(job(0) / 'result.json', {result!r}); time.sleep(60)"
    with pytest.raises(SearchError, match="cannot be read"):
        stand_in(code).search(JOB)


def test_pickled_predictions_are_not_loaded(stand_in):
    code = START + (
        "import pickle\n"
        "place = job(0)\n"
        "(place / 'predictions.npy').write_bytes(pickle.dumps([1]))\n"
        "write(place / 'result.json', json.dumps({'equations': [[1, 1.0, 'x0']],"
        " 'unsupported': [], 'warnings': []}))\n"
    )
    with pytest.raises(SearchError, match="cannot be read"):
        stand_in(code).search(JOB)


def test_a_child_that_never_starts_is_not_waited_for(stand_in):
    with pytest.raises(EngineMissing, match=r"within 0\.2 s"):
        stand_in("import time; time.sleep(600)", start_seconds=0.2).search(JOB)


def test_at_the_time_limit_what_was_found_is_kept(stand_in, monkeypatch):
    monkeypatch.setattr("hecsr.search.pysr.process._GRACE", 2.0)
    answer = stand_in(START + TABLE + HANG).search(JOB, seconds=0.1)
    assert answer.ended == "time"
    assert [e.text for e in answer.equations] == ["x0", "x0 * x0"]
    assert answer.equations[0].predictions is None


def test_at_the_time_limit_nothing_found_is_an_error(stand_in, monkeypatch):
    monkeypatch.setattr("hecsr.search.pysr.process._GRACE", 0.2)
    process = stand_in(START + HANG)
    with pytest.raises(SearchError, match="raise max_seconds"):
        process.search(JOB, seconds=0.1)
    assert not process.alive


def interrupt_when(condition):
    """Send this process Ctrl-C as soon as something holds."""

    def wait():
        while not condition():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait, daemon=True).start()


@posix
def test_ctrl_c_keeps_what_was_found(stand_in):
    process = stand_in(START + TABLE + HANG)
    done = process._folder / "job0/tables/a/b/hall_of_fame.csv.bak"
    interrupt_when(lambda: done.exists() and done.stat().st_size > 50)
    answer = process.search(JOB)
    assert answer.ended == "interrupted"
    assert len(answer.equations) == 2
    assert not process.alive


@posix
def test_ctrl_c_with_nothing_found_is_passed_on(stand_in):
    process = stand_in(START + HANG)
    interrupt_when((process._folder / "job0/job.json").exists)
    with pytest.raises(KeyboardInterrupt):
        process.search(JOB)
    assert not process.alive


@posix
def test_what_a_child_started_ends_with_it(stand_in):
    code = START + (
        "import subprocess\n"
        "below = subprocess.Popen([sys.executable, '-c', 'import time;"
        " time.sleep(600)'])\n"
        "write(job(0) / 'result.json', json.dumps({'error': f'{below.pid} '}))\n"
        "time.sleep(600)\n"
    )
    process = stand_in(code)
    with pytest.raises(SearchError) as caught:
        process.search(JOB)
    below = int(str(caught.value).split()[-1])
    os.kill(below, 0)
    process.close()
    assert ended(below)


def ended(pid):
    """Whether a process is gone within a second; a zombie is."""
    for _ in range(50):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


@installed
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_the_child_does_not_outlive_a_parent_that_is_killed(tmp_path):
    shutil.copy(Path(julia.__file__).with_name("child.py"), tmp_path / "child.py")
    # a module of this name that imports, and then nothing is asked of it
    (tmp_path / "pysr.py").write_text("PySRRegressor = None\n", encoding="utf-8")
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, sys.argv[1], sys.argv[2]],"
        " stdin=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "child.py"), str(tmp_path)],
        stdout=subprocess.PIPE,
    )
    child = int(parent.stdout.readline())
    while not (tmp_path / "ready.json").exists():
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(5):
        if ended(child):
            break
    assert ended(child)


def test_workers_are_reused_and_ended_together(tmp_path):
    program = tmp_path / "stand_in.py"
    program.write_text(START + HANG, encoding="utf-8")
    with Workers(Settings(program=program)) as workers:
        with workers.one() as first, workers.one() as second:
            assert first is not second
        with workers.one() as again:
            assert again in {first, second}
        # an error may have left anything behind
        with pytest.raises(ZeroDivisionError), workers.one() as third:
            raise ZeroDivisionError
        assert not third.alive
        with workers.one() as fourth:
            assert fourth is not third
    assert not first.alive
    assert not second.alive
    with pytest.raises(SearchError, match="closed"), workers.one():
        pass


def test_a_copy_of_workers_elsewhere_starts_its_own():
    workers = Workers(Settings(install=True))
    copy = pickle.loads(pickle.dumps(workers))
    assert copy.settings == workers.settings
    assert copy._all == []


def test_a_search_that_nobody_waits_for_ends(tmp_path):
    program = tmp_path / "stand_in.py"
    program.write_text(START + HANG, encoding="utf-8")
    with Workers(Settings(program=program)) as workers:
        with pytest.raises(SearchError, match="nobody waits"), workers.one() as process:
            process.search(JOB, stopped=lambda: True)
        assert not process.alive
