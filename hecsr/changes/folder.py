"""The folder of a report, read back: plain files alone, and only what is there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError
from hecsr.formula.file import load_formulas
from hecsr.report.frames import FORMAT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from hecsr.formula.formula import Formula

VERSION: Final = 1
MAX_BYTES: Final = 500_000_000

# What each file needs for a comparison; other columns came later, or may come.
_COLUMNS: Final = {
    "metrics.csv": ("level", "scheme", "competitor", "metric", "value"),
    "intervals.csv": ("scheme", "competitor", "metric", "low", "high"),
    "predictions.csv": (
        "scheme", "competitor", "repeat", "fold", "sample", "composition",
        "observed", "predicted",
    ),
}  # fmt: skip
_WORDS: Final = {"level", "scheme", "competitor", "metric", "against", "composition"}
# A score may be undefined and a rule say nothing; all else is in every line.
_MAY_BE_EMPTY: Final = {"value", "low", "high", "predicted"}


@dataclass(frozen=True, eq=False)
class ReportFolder:
    """A report as far as its folder holds it; None where a file is missing."""

    path: Path
    run: Mapping[str, Any]
    formulas: tuple[Formula, ...] | None
    metrics: pd.DataFrame | None
    intervals: pd.DataFrame | None
    predictions: pd.DataFrame | None

    @property
    def missing(self) -> tuple[str, ...]:
        """The files that a comparison would have used, but that are not there."""
        parts = {
            "formulas.json": self.formulas,
            "metrics.csv": self.metrics,
            "intervals.csv": self.intervals,
            "predictions.csv": self.predictions,
        }
        return tuple(name for name, part in parts.items() if part is None)

    def part(self, name: str) -> Mapping[str, Any]:
        """Return a table of run.json, empty where it has none."""
        found = self.run.get(name)
        return found if isinstance(found, dict) else {}

    @property
    def task(self) -> str:
        """Regression or classification, as the settings say."""
        return str(self.part("settings").get("task", "regression"))


def read_report(path: Path) -> ReportFolder:
    """Read the folder of a report.

    Raises
    ------
    HecsrError
        If there is no such folder, it is no report, or a file of it is damaged or of
        a newer version.
    """
    formulas = path / "formulas.json"
    found = ReportFolder(
        path=path,
        run=_run(path),
        formulas=load_formulas(formulas) if formulas.is_file() else None,
        metrics=_frame(path / "metrics.csv"),
        intervals=_frame(path / "intervals.csv"),
        predictions=_frame(path / "predictions.csv"),
    )
    _complete(found)
    return found


def _run(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        what = "a file" if path.exists() else "not there"
        raise HecsrError(f"{path} is {what}; give the folder of a report")
    file = path / "run.json"
    advice = "give a folder that `hecsr run` wrote, as reports/hardness"
    if not file.is_file():
        raise HecsrError(f"{path} is no report: it holds no run.json; {advice}")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise HecsrError(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise HecsrError(f"{file} is damaged: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise HecsrError(f"{file} is not of a run of hecsr; {advice}")
    version = content.get("version")
    if not isinstance(version, int) or version > VERSION:
        msg = f"{file} is of version {version}; {VERSION} is read: update hecsr"
        raise HecsrError(msg)
    return content


def _frame(file: Path) -> pd.DataFrame | None:
    """Read a CSV of a report; numbers must be numbers and words words."""
    import pandas as pd

    if not file.is_file():
        return None
    if file.stat().st_size > MAX_BYTES:
        raise HecsrError(f"{file} is larger than {MAX_BYTES // 10**6} MB")
    try:
        frame = pd.read_csv(file, keep_default_na=False, na_values={}, dtype=str)
    except (OSError, ValueError) as error:
        raise HecsrError(f"{file} is no readable table: {error}") from error
    needed = _COLUMNS[file.name]
    if lacking := [name for name in needed if name not in frame.columns]:
        raise HecsrError(f"{file} lacks the column(s) {', '.join(lacking)}")
    _filled(file, frame, needed)
    numbers = [c for c in (*needed, *_OPTIONAL) if c in frame and c not in _WORDS]
    for name in dict.fromkeys(numbers):
        cells = frame[name]
        values = pd.to_numeric(cells.where(cells != "", "nan"), errors="coerce")
        if name in needed and name not in _MAY_BE_EMPTY:
            bad = ~np.isfinite(values)
        else:
            bad = values.isna() & (cells != "") & (cells.str.lower() != "nan")
        if bad.any():
            row = int(bad.to_numpy().argmax())
            msg = f"line {row + 2}, column '{name}': '{cells.iloc[row]}' is no number"
            raise HecsrError(f"{file}, {msg}")
        frame[name] = values.astype(float)
    return frame


_OPTIONAL: Final = ("sd", "folds", "threshold", "n", "value", "repeat", "fold")


def _filled(file: Path, frame: pd.DataFrame, needed: tuple[str, ...]) -> None:
    """Refuse a line that was cut off, or lacks what every line has."""
    for name in frame.columns:
        # a line of fewer cells than the header has is read as if the rest were NaN
        bad = frame[name].isna()
        if name in needed and name not in _MAY_BE_EMPTY:
            bad |= frame[name] == ""
        if bad.any():
            row = int(bad.to_numpy().argmax())
            msg = f"line {row + 2} holds nothing in column '{name}'; {_ADVICE}"
            raise HecsrError(f"{file} is damaged: {msg}")


_ADVICE: Final = "copy the file once more, or run the analysis again"


def _complete(folder: ReportFolder) -> None:
    """Refuse tables of which one lacks rows that the other counts.

    metrics.csv says of each fold how many rows were predicted.
    """
    metrics, predictions = folder.metrics, folder.predictions
    if metrics is None or predictions is None:
        return
    if not {"kind", "repeat", "fold", "n"} <= set(metrics.columns):
        return
    folds = metrics[metrics["level"] == "fold"]
    if folds.empty:
        return
    # the points of fronts have no predictions in the file
    folds = folds[folds["kind"] != "front"]
    folds = folds.drop_duplicates([*_PLACES, "repeat", "fold"])
    said: dict[Any, Any] = folds.groupby(_PLACES, sort=False)["n"].sum().to_dict()
    own = predictions.groupby(_PLACES, sort=False)["predicted"]
    held: dict[Any, Any] = own.count().to_dict()
    for scheme, competitor in dict.fromkeys([*said, *held]):
        counts = [int(part.get((scheme, competitor), 0)) for part in (held, said)]
        if counts[0] == counts[1]:
            continue
        less = "predictions.csv" if counts[0] < counts[1] else "metrics.csv"
        msg = (
            f"of {competitor}, {scheme}, predictions.csv holds {counts[0]} predictions "
            f"and metrics.csv counts {counts[1]}; {_ADVICE}"
        )
        raise HecsrError(f"{folder.path / less} is damaged: {msg}")


_PLACES: Final = ["scheme", "competitor"]
