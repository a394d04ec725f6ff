"""One engine on one table of a law, and many of them on several cores."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from clocks import timed
from contestants import CONTESTANTS
from judging import Nearness, Verdict, nearness, verdict
from materials import chosen
from threadpoolctl import threadpool_limits

from hecsr.formula.expression import complexity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contestants import Contestant
    from planted import Law


@dataclass(frozen=True)
class Task:
    """What one process is asked: names only, so that little is sent."""

    law: str
    noise: float
    seed: int
    contestant: str


@dataclass(frozen=True)
class Trial:
    """What an engine made of one table.

    Attributes
    ----------
    irrelevant
        Variables of the chosen formula that the law does not hold.
    limit
        What the choice allowed: terms, or a complexity.
    simplest
        Operator nodes of the law as it was planted.
    near
        How far the chosen formula is from the law; None if the engine failed.
    seconds
        Of the clock, choice by inner folds included, on one core.
    found
        The chosen formula, or why there is none.
    """

    task: Task
    kind: str
    verdict: Verdict
    irrelevant: tuple[str, ...]
    limit: int
    complexity: int
    simplest: int
    near: Nearness | None
    seconds: float
    planted: str
    found: str

    def as_json(self) -> dict[str, Any]:
        """Return all that is known, in one level."""
        told = asdict(self)
        return {**told.pop("task"), **(told.pop("near") or {}), **told}


def run(tasks: Sequence[Task], jobs: int) -> Iterator[Trial]:
    """Do the tasks, several at once, and yield what came out in their order.

    Each has a core of its own; results do not depend on how many there are.
    """
    if jobs == 1:
        with threadpool_limits(limits=1):
            warm()
            yield from map(attempt, tasks)
        return
    # a fresh interpreter: forked ones would share the locks of compiled code
    start = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, start, initializer=prepare) as pool:
        yield from pool.map(attempt, tasks)


def prepare() -> None:
    """Leave one thread to each engine of this process, which does nothing else."""
    # libraries that are loaded later read it, those that are loaded are told
    os.environ["OMP_NUM_THREADS"] = "1"
    threadpool_limits(limits=1)
    warm()


def warm() -> None:
    """Load what is compiled, so that the first law does not pay for it."""
    for law in chosen(["Hall-Petch", "Pugh"]):
        for contestant in CONTESTANTS:
            if contestant.compiled:
                judged(law, contestant, 0.0, 0)


def attempt(task: Task) -> Trial:
    """Draw the table that a task names, and let its engine search it."""
    [law] = chosen([task.law])
    [contestant] = [c for c in CONTESTANTS if c.name == task.contestant]
    return judged(law, contestant, task.noise, task.seed)


def judged(law: Law, contestant: Contestant, noise: float, seed: int) -> Trial:
    """Let an engine search a table of a law, and judge what it chose."""
    task = Task(law.name, noise, seed, contestant.name)
    simplest = 0 if law.expression is None else complexity(law.expression)
    table = law.table(noise, seed)
    try:
        found, taken = timed(lambda: contestant.fitted(law, table.frame, table.y))
    except Exception as error:  # noqa: BLE001
        # one engine that fails does not take the trials of the others with it
        why = f"{type(error).__name__}: {error}"
        return Trial(
            task, law.kind, "failed", (), 0, 0, simplest, None, 0.0, law.text, why
        )
    formula = found.formula_
    return Trial(
        task=task,
        kind=law.kind,
        verdict=verdict(formula, [p.formula for p in found.front_], table, noise),
        irrelevant=tuple(n for n in formula.names if n not in law.names),
        limit=found.limit_,
        complexity=formula.complexity,
        simplest=simplest,
        near=nearness(formula, table),
        seconds=taken.wall,
        planted=law.text,
        found=formula.to_text(),
    )
