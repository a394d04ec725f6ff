"""The command line: parse, call one library function, print."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from hecsr.errors import HecsrError

if TYPE_CHECKING:
    from hecsr.formula.uncertainty import Kind

app = typer.Typer(
    name="hecsr",
    help="Formulas instead of black boxes for high-entropy ceramics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
USER_ERROR = 2
INTERRUPTED = 130


@contextmanager
def _errors() -> Iterator[None]:
    """Turn a user's mistake into one message and a non-zero exit."""
    try:
        yield
    except HecsrError as error:
        typer.echo(f"hecsr: {error}", err=True)
        raise typer.Exit(USER_ERROR) from error
    except KeyboardInterrupt as stop:
        left = f"; {stop}" if str(stop) else ""
        said = f"hecsr: stopped; what was there before is unchanged{left}"
        typer.echo(said, err=True)
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def _resumable(folder: Path | None, command: Sequence[str]) -> Iterator[None]:
    """Say, where a run is stopped, how many parts it leaves and how it goes on.

    Parameters
    ----------
    folder
        Where finished parts are; None where none are kept.
    command
        The words that ran it.
    """
    try:
        yield
    except KeyboardInterrupt:
        if folder is None:
            raise
        from hecsr.validation.store import count_parts

        if not (n := count_parts(folder, newest=True)):
            raise
        kept = "1 finished part is kept" if n == 1 else f"{n} finished parts are kept"
        msg = f"{kept} in {folder}; to go on from there: {shlex.join(command)}"
        raise KeyboardInterrupt(msg) from None


def _parts_folder(analysis: Path, output: Path | None) -> Path:
    """Return where a full run keeps its finished parts by default."""
    from hecsr.config import load_analysis
    from hecsr.study.run import parts_beside

    return parts_beside(output or Path("reports") / load_analysis(analysis).name)


def _command(analysis: Path, **options: object) -> list[str]:
    """Return the words of a run, with the options that were given."""
    words = ["hecsr", "run", str(analysis)]
    for name, value in options.items():
        if value is True:
            words.append(f"--{name}")
        elif value is not None and value is not False:
            words += [f"--{name}", str(value)]
    return words


def _version(*, show: bool) -> None:
    if show:
        from hecsr import __version__

        typer.echo(f"hecsr {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version and stop.",
            callback=lambda show: _version(show=show),
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Formulas instead of black boxes for high-entropy ceramics."""


@app.command()
def run(
    analysis: Annotated[Path, typer.Argument(help="Analysis file (TOML).")],
    output: Annotated[
        Path | None,
        typer.Option(help="Folder of the report; default reports/<name>."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed; default that of the analysis.")
    ] = None,
    jobs: Annotated[
        int, typer.Option(help="Processes at once; -1 for every core.")
    ] = -1,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="The long validation too: more repeats, chance, stability, domain, "
            "learning curves. Stopped, the same command goes on with it.",
        ),
    ] = False,
    parts: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps finished parts of the work; default, of --full, "
            "<output>.parts, removed at the end."
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Scheduler of a Dask cluster that does the work, as "
            "tcp://10.0.0.5:8786; its workers with one thread each.",
        ),
    ] = None,
    paper: Annotated[str, typer.Option(help="Paper of the PDF: a4 or letter.")] = "a4",
) -> None:
    """Run an analysis: search, compare, explain, report."""
    with _errors():
        if jobs == 0:
            raise HecsrError("--jobs is 0; give a number of processes, or -1 for all")
        from hecsr.report.page import PAPERS

        if paper not in PAPERS:
            known = " or ".join(PAPERS)
            raise HecsrError(f"--paper is '{paper}'; give {known}")
        from hecsr.progress import Progress
        from hecsr.study import run_analysis, summary, time_spent

        kept = _parts_folder(analysis, output) if full and parts is None else parts
        again = _command(
            analysis,
            full=full,
            output=output,
            seed=seed,
            jobs=None if jobs == -1 else jobs,
            parts=parts,
            dask=dask,
            paper=None if paper == "a4" else paper,
        )
        with _resumable(kept, again), Progress() as progress:
            result, folder = run_analysis(
                analysis,
                output=output,
                seed=seed,
                n_jobs=jobs,
                full=full,
                parts=parts,
                dask=dask,
                paper=paper,
                progress=progress,
            )
        typer.echo(time_spent(result), err=True)
        typer.echo(summary(result, folder))


@app.command()
def describe(
    table: Annotated[Path, typer.Argument(help="CSV with a column 'composition'.")],
    output: Annotated[
        Path | None, typer.Option(help="CSV to write; default the terminal.")
    ] = None,
    use: Annotated[
        list[str] | None,
        typer.Option(
            help="Descriptor, family or group (fractions, elements, alloy, "
            "precursors); may be repeated."
        ),
    ] = None,
    on_missing: Annotated[
        str, typer.Option(help="refuse, or set_aside rows the tables lack.")
    ] = "refuse",
    set_aside: Annotated[
        Path | None,
        typer.Option(help="CSV for bad rows, which are then left out."),
    ] = None,
) -> None:
    """Write the descriptors of the compositions of a CSV."""
    with _errors():
        from hecsr.commands import describe_csv

        text, messages = describe_csv(
            table, output, use=use, on_missing=on_missing, set_aside=set_aside
        )
        for message in messages:
            typer.echo(message, err=True)
        typer.echo(text, nl=output is not None)


@app.command()
def predict(
    formulas: Annotated[Path, typer.Argument(help="formulas.json of a report.")],
    compositions: Annotated[
        list[str] | None, typer.Argument(help="Compositions to evaluate.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="CSV with a column 'composition', where the formula needs it, and "
            "columns of the variables that no composition gives."
        ),
    ] = None,
    which: Annotated[
        int, typer.Option("--formula", help="Which formula of the file, from 1.")
    ] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A variable of the formula, as load=9.8."),
    ] = None,
    level: Annotated[
        float, typer.Option(help="Level of the interval, between 0 and 1.")
    ] = 0.9,
    interval: Annotated[
        str | None,
        typer.Option(
            help="conformal (errors of the whole procedure) or analytic (coefficients "
            "given this form); default the first that the formula carries."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="CSV to write; default the terminal.")
    ] = None,
    set_aside: Annotated[
        Path | None,
        typer.Option(help="CSV for bad rows of --csv, which are then left out."),
    ] = None,
) -> None:
    """Evaluate a saved formula: composition, value, lower, upper, domain, note."""
    with _errors():
        from hecsr.commands import predict_csv

        text, header = predict_csv(
            formulas,
            compositions or [],
            csv,
            which,
            settings or [],
            output,
            level=level,
            interval=cast("Kind | None", interval),
            set_aside=set_aside,
        )
        typer.echo(header, err=True)
        typer.echo(text, nl=output is not None)


@app.command()
def score(
    formula: Annotated[
        str,
        typer.Argument(
            help="Text, as 'c0 + c1 * vec', or a name that `hecsr formulas` lists."
        ),
    ],
    data: Annotated[Path, typer.Argument(help="CSV with the target.")],
    target: Annotated[str, typer.Option(help="Column of the target.")],
    fit: Annotated[
        str,
        typer.Option(
            help="none, or coefficients: those named c0, c1, ... or given by --start, "
            "else the number of each summand, of a rule its thresholds."
        ),
    ] = "none",
    task: Annotated[
        str | None, typer.Option(help="regression or classification; as the formula.")
    ] = None,
    target_unit: Annotated[
        str | None, typer.Option(help="Unit of the target; default the formula's.")
    ] = None,
    composition: Annotated[
        str | None, typer.Option(help="Column of compositions; 'composition'.")
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Column of a variable, as G=shear; may be repeated."),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(help="Unit of a variable's column, as load=gf."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A variable or constant, as load=9.8."),
    ] = None,
    start: Annotated[
        list[str] | None,
        typer.Option(
            help="Where the fit of a constant starts, as a=0.1; default several values."
        ),
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option(help="Column whose equal values stay together, as paper."),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(help="A rival: lasso, sisso, random_forest, ..."),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Folds.")] = 5,
    repeats: Annotated[int, typer.Option(min=1, help="Repeats of them.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the folds.")] = 0,
    jobs: Annotated[int, typer.Option(help="Processes at once; -1 for all.")] = 1,
    output: Annotated[
        Path | None, typer.Option(help="CSV of the held-out predictions.")
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            help="File (JSON) for the formula, refitted if that is asked for, which "
            "`hecsr predict` reads."
        ),
    ] = None,
    set_aside: Annotated[
        Path | None,
        typer.Option(help="CSV for bad rows, which are then left out."),
    ] = None,
) -> None:
    """Score a published formula on a CSV, beside the mean and other rivals."""
    with _errors():
        if jobs == 0:
            raise HecsrError("--jobs is 0; give a number of processes, or -1 for all")
        from hecsr.scoring.command import Asked, score_csv

        asked = Asked(
            formula, data, target, fit, task, target_unit, composition,
            name or [], unit or [], settings or [], start or [], groups or [],
            against or [], folds, repeats, seed, jobs, set_aside,
        )  # fmt: skip
        text, messages = score_csv(asked, output, save)
        for message in messages:
            typer.echo(message, err=True)
        typer.echo(text)


@app.command()
def formulas(
    name: Annotated[
        str | None, typer.Argument(help="Formula to explain; default a list of all.")
    ] = None,
) -> None:
    """List the formulas of the literature, or explain one with its sources."""
    with _errors():
        from hecsr.scoring.command import show_formulas

        typer.echo(show_formulas(name))


@app.command()
def tables(
    name: Annotated[
        str | None, typer.Argument(help="Table to show; default a list of all.")
    ] = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="Write the table itself as CSV.")
    ] = False,
) -> None:
    """List the shipped tables, or show one with its columns and sources."""
    with _errors():
        from hecsr.commands import show_tables

        typer.echo(show_tables(name, as_csv=csv), nl=not csv)


@app.command()
def init(
    table: Annotated[Path, typer.Argument(help="Your table (CSV).")],
    target: Annotated[str, typer.Option(help="Column to explain.")],
    output: Annotated[
        Path | None,
        typer.Option(help="Analysis file to write; default the table's name, .toml."),
    ] = None,
    composition: Annotated[
        str | None,
        typer.Option(help="Column of compositions; default the one that reads so."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there.")
    ] = False,
) -> None:
    """Look at a table and propose an analysis of it."""
    with _errors():
        from hecsr.proposal import propose_file

        typer.echo(
            propose_file(table, target, output, composition=composition, force=force)
        )


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(help="Folder of the first report.")],
    new: Annotated[Path, typer.Argument(help="Folder of the second report.")],
    output: Annotated[
        Path | None, typer.Option(help="Markdown file to write; default the terminal.")
    ] = None,
) -> None:
    """Say what changed between two runs: data, settings, formulas, scores."""
    with _errors():
        from hecsr.changes import compare_reports

        said = compare_reports(old, new, output)
        typer.echo(said, nl=output is not None)


def entry(command: Callable[[], None] = app) -> None:
    """Run the command line; the console script calls this."""
    # a pipe that closes early, as with head, is not an error
    try:
        command()
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
