"""Write a report's folder in one step: the old one stays whole until the new is."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hecsr.errors import OutputError
from hecsr.report.bibliography import bibliography, to_bibtex
from hecsr.report.build import build
from hecsr.report.figures.catalogue import save
from hecsr.report.frames import (
    csv,
    importance_frame,
    metrics_frame,
    predictions_frame,
    read_manifest,
    run_json,
)
from hecsr.report.html import to_html
from hecsr.report.latex import to_latex, to_tables
from hecsr.report.markdown import to_markdown
from hecsr.report.supplement import to_supplement
from hecsr.report.typst import compile_pdf, to_typst
from hecsr.report.validation_frames import validation_frames
from hecsr.report.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecsr.report.page import Paper
    from hecsr.result import StudyResult


def write(result: StudyResult, folder: str | Path, *, paper: Paper = "a4") -> Path:
    """Write the report of a study and return its folder; `paper` is the PDF's.

    The files are made in a temporary folder beside it and moved in one step; on any
    failure, an interruption included, the folder stays as it was. Files in it that
    an earlier report did not write are kept.

    Raises
    ------
    OutputError
        If the folder cannot be written, holds files of something else, or the PDF
        cannot be typeset.
    """
    target = Path(folder)
    check(target)
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=_parent(target)))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        _fill(result, fresh, paper)
        _keep_others(target, fresh)
        fresh.chmod(0o777 & ~_umask())
        _swap(fresh, target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def check(folder: str | Path) -> None:
    """Refuse a folder that a report could not be written to, before a long run.

    Raises
    ------
    OutputError
        If it is a file, cannot be written, or holds files but no earlier report.
    """
    target = Path(folder)
    if target.is_symlink():
        target = target.resolve()
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target} is a file; give a folder for the report")
    try:
        parent = _parent(target)
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=parent):
            pass
    except OSError as error:
        raise _unwritable(target, error) from error
    if target.is_dir() and any(target.iterdir()) and _manifest(target) is None:
        msg = (
            f"{target} holds files that are not of an earlier report, and would be "
            "mixed with the new one; give an empty or new folder"
        )
        raise OutputError(msg)


def _fill(result: StudyResult, folder: Path, paper: Paper) -> None:
    from hecsr.formula.file import save_formulas

    view, report = View(result), build(result)
    figures = folder / "figures"
    figures.mkdir()
    for figure in report.figures:
        save(view, figure, figures)
    _text(folder / "report.md", to_markdown(report))
    drawings = {
        f.stem: (figures / f"{f.stem}.svg").read_bytes() for f in report.figures
    }
    _text(folder / "report.html", to_html(report, drawings))
    (folder / "report.pdf").write_bytes(compile_pdf(to_typst(report, paper), folder))
    save_formulas(folder / "formulas.json", [f.formula for f in view.chosen])
    _text(folder / "formulas.tex", to_latex(view))
    tables = folder / "tables"
    tables.mkdir()
    for name, source in to_tables(view, report).items():
        _text(tables / name, source)
    _text(folder / "references.bib", to_bibtex(bibliography(view)))
    (folder / "supplement.xlsx").write_bytes(to_supplement(view, result.rows))
    _text(folder / "metrics.csv", csv(metrics_frame(view)))
    if result.intervals is not None:
        _text(folder / "intervals.csv", csv(result.intervals))
    if result.doubt is not None:
        _text(folder / "doubt.csv", csv(result.doubt))
    _text(folder / "predictions.csv", csv(predictions_frame(result)))
    _text(folder / "importance.csv", csv(importance_frame(view)))
    validation = folder / "validation"
    validation.mkdir()
    for name, frame in validation_frames(result).items():
        _text(validation / f"{name}.csv", csv(frame))
    written = sorted([*_files(folder), "run.json"])
    _text(folder / "run.json", run_json(result, written))


def _text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())  # line feeds on every system


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def _keep_others(old: Path, fresh: Path) -> None:
    """Copy what an earlier report did not write, such as a reader's own notes."""
    manifest = _manifest(old) if old.is_dir() else None
    if manifest is None:
        return
    for name in _files(old):
        copy = fresh / name
        if name not in manifest and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(old / name, copy)


def _manifest(folder: Path) -> list[str] | None:
    try:
        content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return read_manifest(content) if isinstance(content, dict) else None


def _swap(fresh: Path, target: Path) -> None:
    """Put `fresh` in the place of `target`; undo the first move if the second fails."""
    if target.is_symlink():
        target = target.resolve()
    if not target.exists():
        fresh.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    old = aside / "old"
    try:
        target.rename(old)
        fresh.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        # never remove the old report while nothing stands in its place
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)


def _parent(target: Path) -> Path:
    return (target.resolve() if target.is_symlink() else target.absolute()).parent


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(target: Path, error: OSError) -> OutputError:
    why = error.strerror or str(error)
    return OutputError(
        f"the report cannot be written to {target}: {why}; choose another folder"
    )
