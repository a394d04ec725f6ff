"""What a benchmark reports: a figure, what it should reach, and whether it does."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from machine import REFERENCE_DGEMM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

Verdict = Literal["target", "floor", "missed", "equal", "differs", ""]
_COLOURS: Final = {
    "target": "green",
    "equal": "green",
    "floor": "yellow",
    "missed": "red",
    "differs": "red",
    "": "",
}
_LAST_DIGIT: Final = 1e-7
"""SISSO prints seven digits after the point."""


@dataclass(frozen=True)
class Entry:
    """One figure.

    Attributes
    ----------
    group
        Part of the benchmark it belongs to.
    work
        What was done.
    value
        The figure, in `unit`: '/s', 's', 'bytes', 'x', '%' or 'rmse'.
    floor, target
        What it must and what it should reach, None where nothing is asked. They are
        rates to be exceeded for '/s', 'x' and '%', and limits for 's' and 'bytes'.
    limit
        A ratio 'x' that is to stay below floor and target.
    expected
        Error that SISSO itself reached, for 'rmse'.
    scaled
        Whether floor and target are those of the reference machine, to be scaled by
        the rate of its matrix product.
    share
        Share of the rate of the matrix product, None where it says nothing.
    note
        A few words more.
    """

    group: str
    work: str
    value: float
    unit: Literal["/s", "s", "bytes", "x", "%", "rmse"]
    floor: float | None = None
    target: float | None = None
    limit: bool = False
    expected: float | None = None
    scaled: bool = False
    share: float | None = None
    note: str = ""

    @property
    def _below(self) -> bool:
        return self.limit or self.unit in ("s", "bytes")

    @property
    def verdict(self) -> Verdict:
        """Which of floor and target is reached."""
        if self.expected is not None:
            return (
                "equal" if abs(self.value - self.expected) < _LAST_DIGIT else "differs"
            )
        for name, bound in (("target", self.target), ("floor", self.floor)):
            if bound is None:
                continue
            reached = self.value <= bound if self._below else self.value >= bound
            if reached:
                return "target" if name == "target" else "floor"
        return "missed" if (self.floor or self.target) is not None else ""

    def on(self, dgemm: float) -> Entry:
        """Return the entry with floor and target for a machine of this rate."""
        if not self.scaled:
            return self
        factor = dgemm / REFERENCE_DGEMM
        if self._below:
            factor = 1 / factor
        return replace(
            self,
            floor=None if self.floor is None else self.floor * factor,
            target=None if self.target is None else self.target * factor,
            scaled=False,
        )

    def bare(self) -> Entry:
        """Return the entry of a quick run, whose small spaces have no floors."""
        return replace(self, floor=None, target=None)

    def as_json(self) -> dict[str, Any]:
        """Return the figures and the verdict."""
        return {**asdict(self), "verdict": self.verdict}


def written(value: float | None, unit: str) -> str:
    """Write a figure with its unit."""
    if value is None:
        return ""
    if unit == "s":
        return f"{value * 1e3:.3g} ms" if value < 1 else f"{value:.3g} s"
    if unit == "bytes":
        return f"{value / 1e6:.0f} MB"
    if unit == "x":
        return f"{value:.3g} x"
    if unit == "%":
        return f"{100 * value:.0f} %"
    if unit == "rmse":
        return f"{value:.7f}"
    return f"{value:.2e}{unit}"


def table(entries: Sequence[Entry]) -> Table:
    """Lay out entries, a group after the other."""
    from rich.table import Table

    shown = Table(show_lines=False, pad_edge=False, box=None, header_style="bold")
    shown.add_column("work", no_wrap=False)
    for name in ("measured", "floor", "target", "share"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("reached", no_wrap=True)
    shown.add_column("note", style="dim")
    group = ""
    for e in entries:
        if e.group != group:
            group = e.group
            shown.add_row(f"[bold]{group}[/bold]")
        wanted = e.expected if e.expected is not None else e.target
        colour = _COLOURS[e.verdict]
        shown.add_row(
            f"  {e.work}",
            written(e.value, e.unit),
            written(e.floor, e.unit),
            written(wanted, e.unit),
            "" if e.share is None else f"{100 * e.share:.0f} %",
            f"[{colour}]{e.verdict}[/{colour}]" if colour else "",
            e.note,
        )
    return shown
