"""Whole fits: seconds, and the errors that SISSO reaches on the same tables."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, get_args

from clocks import median_cpu
from entries import Entry
from searching import Rules, fit, rmse, space_of
from workloads import workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecsr.search.sisso.estimator import SissoRegressor

_SETTINGS: Final = (
    # workload, features kept, terms, floor and target in seconds
    ("W1", 200, 2, 60e-3, 30e-3),
    ("W4", 200, 2, 300e-3, 150e-3),
    ("W2", 200, 3, None, None),
    ("W2", 1000, 3, 4.0, 1.5),
    ("W3", 1000, 2, None, None),
)
_ANSWERS: Final = {
    # workload, features kept, terms: error of SISSO 3.5
    ("W1", 200, 2): 0.0584019,
    ("W2", 200, 3): 0.3265841,
    ("W2", 1000, 2): 0.3982344,
    ("W3", 1000, 1): 0.6668969,
    ("W3", 1000, 2): 0.3340286,
    ("W4", 200, 2): 0.1274328,
}
_TERMS: Final = {("W2", 1000): 3, ("W3", 1000): 2}


def fits(*, quick: bool) -> list[Entry]:
    """Time whole fits on one core, after a first one."""
    entries = []
    for name, sis, terms, floor, target in _SETTINGS[:1] if quick else _SETTINGS:
        work = workload(name)
        space = space_of(work, "preset")
        fit(work, space, sis=sis, terms=terms)
        few = name in ("W2", "W3") and sis == 1000
        _, seconds = median_cpu(
            partial(fit, work, space, sis=sis, terms=terms),
            1 if quick else 3 if few else 9,
        )
        entries.append(
            Entry(
                "whole fit",
                f"{name}, SIS {sis}, {terms} terms",
                seconds,
                "s",
                floor,
                target,
                scaled=True,
            )
        )
    return entries


def answers(*, quick: bool) -> list[Entry]:
    """Compare errors with those that SISSO itself reaches."""
    return list(_answers(quick))


def _answers(quick: bool) -> Iterator[Entry]:
    wanted = {k: v for k, v in _ANSWERS.items() if not quick or k[0] == "W1"}
    for rules in get_args(Rules):
        for (name, sis, terms), expected in wanted.items():
            error = rmse(workload(name), _fitted(rules, name, sis), terms)
            yield Entry(
                f"error beside SISSO's own, {rules} space",
                f"{name}, SIS {sis}, {terms} term{'s' * (terms > 1)}",
                error,
                "rmse",
                expected=expected,
                note="smaller" if error < expected - 1e-7 else "",
            )


@cache
def _fitted(rules: Rules, name: str, sis: int) -> SissoRegressor:
    work: Any = workload(name)
    terms = _TERMS.get((name, sis), work.terms)
    return fit(work, space_of(work, rules), sis=sis, terms=terms)
