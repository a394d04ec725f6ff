"""Runs Operon: a program of its own, since Operon may end the process it runs in.

Read are a line of JSON with the settings, the table of numbers as they lie in
memory, and then a line with a seed for each restart; a line of JSON is written for
each. Nothing of this package is imported, so that it starts fast.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    """Answer the restarts that are asked for, until nobody asks any more."""
    # what libraries print must not get among the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    asked = sys.stdin.buffer
    settings = json.loads(asked.readline())
    sys.path[:] = settings["path"]
    try:
        import numpy as np
        import pyoperon  # noqa: F401 - whether it can be
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), file=answers, flush=True)
        return
    rows, columns = settings["shape"]
    raw = asked.read(rows * columns * 8)
    table = np.frombuffer(raw, np.float64).reshape(rows, columns)
    for line in asked:
        found = evolved(table, settings, json.loads(line))
        print(json.dumps(found), file=answers, flush=True)


def evolved(table: Any, settings: dict[str, Any], seed: int) -> dict[str, Any]:
    """Run one restart; the last column of the table is the target."""
    import numpy as np
    import pyoperon as op

    data = op.Dataset(np.asfortranarray(table))
    ordered = sorted(data.Variables, key=lambda v: v.Index)
    inputs = [v.Hash for v in ordered[:-1]]
    everything = op.Range(0, data.Rows)
    problem = op.Problem(data)
    problem.TrainingRange = everything
    problem.TestRange = op.Range(data.Rows - 1, data.Rows)
    problem.Target = ordered[-1]
    problem.InputHashes = inputs
    symbols = int(op.NodeType.Constant) | int(op.NodeType.Variable)
    for name in settings["symbols"]:
        symbols |= int(getattr(op.NodeType, name))
    problem.ConfigurePrimitiveSet(symbols)
    primitives = problem.PrimitiveSet

    length, depth = settings["max_length"], settings["max_depth"]
    creator = op.BalancedTreeCreator(primitives, inputs, 0.0)
    coefficients = op.NormalCoefficientInitializer()
    coefficients.ParameterizeDistribution(0, 1)
    table_of_calls = op.DispatchTable()
    optimizer = op.LMOptimizer(table_of_calls, problem, settings["local_steps"], 0)
    # what C++ holds by pointer must stay alive here until the end
    goals = [
        op.Evaluator(problem, table_of_calls, op.MSE(), True),
        op.LengthEvaluator(problem),
    ]
    evaluator = op.MultiEvaluator(problem)
    most = 10 * settings["population"] * (settings["generations"] + 1)
    for goal in (*goals, evaluator):
        goal.Budget = most * (1 + settings["local_steps"])
    for goal in goals:
        evaluator.Add(goal)
    comparison = op.CrowdedComparison()
    selectors = [op.TournamentSelector(comparison) for _ in range(2)]
    for selector in selectors:
        selector.TournamentSize = 5
    points = [op.NormalOnePointMutation(), op.NormalMultiPointMutation()]
    for point in points:
        point.ParameterizeDistribution(0, 1)
    grow = creator, coefficients, depth, length
    mutations = [
        *points,
        op.ChangeVariableMutation(inputs),
        op.ChangeFunctionMutation(primitives),
        op.ReplaceSubtreeMutation(*grow),
        op.InsertSubtreeMutation(*grow),
        op.RemoveSubtreeMutation(primitives),
    ]
    mutation = op.MultiMutation()
    for part in mutations:
        mutation.Add(part, 1.0)
    crossover = op.SubtreeCrossover(0.9, depth, length)
    local = op.CoefficientOptimizer(optimizer)
    breeding = op.BasicOffspringGenerator(
        evaluator, crossover, mutation, *selectors, local
    )
    first = op.UniformLengthTreeInitializer(creator)
    least = primitives.FunctionArityLimits()[0] + 1
    first.ParameterizeDistribution(least, max(least, min(10, length)))
    first.MinDepth, first.MaxDepth = 1, depth
    reinserter, sorter = op.KeepBestReinserter(comparison), op.RankSorter()
    algorithm = op.NSGA2Algorithm(
        op.GeneticAlgorithmConfig(
            generations=settings["generations"],
            max_evaluations=most * (1 + settings["local_steps"]),
            local_iterations=settings["local_steps"],
            population_size=settings["population"],
            pool_size=settings["population"],
            p_crossover=1.0,
            p_mutation=0.25,
            p_local=1.0,
            p_lamarck=1.0,
            epsilon=1e-6,
            seed=seed,
        ),
        problem, first, coefficients, breeding, reinserter, sorter,
    )  # fmt: skip

    parent = settings.get("parent", os.getppid())

    def alone() -> None:
        """End with the program that asked, should it be killed."""
        if os.name == "posix" and os.getppid() != parent:
            os._exit(1)

    # two threads would make the outcome depend on chance
    algorithm.Run(op.RandomGenerator(np.uint64(seed)), alone, 1, False)

    place = {v.Hash: v.Index for v in ordered}
    ranked: dict[int, dict[float, Any]] = {}
    for individual in algorithm.Individuals:
        tree = individual.Genotype
        values = op.Evaluate(table_of_calls, tree, data, everything)
        scaled = _scaled(np.asarray(values, np.float64), table[:, -1])
        if scaled is not None:
            error, slope, offset = scaled
            # one of those that differ by rounding
            alike = ranked.setdefault(tree.Length, {})
            alike.setdefault(float(f"{error:.5g}"), (tree, slope, offset, values))
    trees = []
    for size in sorted(ranked):
        for error in sorted(ranked[size])[: settings["per_length"]]:
            tree, slope, offset, values = ranked[size][error]
            found = {
                "nodes": [_written(node, place) for node in tree.Nodes],
                "slope": slope,
                "offset": offset,
            }
            if settings.get("values"):
                found["values"] = [float(v) for v in values]
            trees.append(found)
    return {"trees": trees, "generations": algorithm.Generation}


def _written(node: Any, place: dict[int, int]) -> list[Any]:
    """Write a node as its type, number of operands, value, and column."""
    column = place[node.HashValue] if node.IsVariable else -1
    kind = str(node.Type).rsplit(".", maxsplit=1)[-1]
    return [kind, int(node.Arity), float(node.Value), column]


def _scaled(values: Any, y: Any) -> tuple[float, float, float] | None:
    """Fit ``y = slope * values + offset``: error, slope and offset, if defined."""
    import numpy as np

    if not np.isfinite(values).all():
        return None
    centred = values - values.mean()
    size = float(centred @ centred)
    if not 1e-30 < size < 1e30:
        return None
    slope = float(centred @ y) / size
    residual = y - y.mean() - slope * centred
    offset = float(y.mean() - slope * values.mean())
    return float(residual @ residual) / len(y), slope, offset


if __name__ == "__main__":
    main()
