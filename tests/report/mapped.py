"""Maps of a formula of computed descriptors, for made-up studies."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd

from hecsr.composition import Composition
from hecsr.descriptors import describe
from hecsr.formula.expression import Variable
from hecsr.formula.fit import fit_formula
from hecsr.result import FormulaResult
from hecsr.study.maps import make_maps

CARBIDES = [
    *("TiC", "ZrC", "HfC", "NbC", "TaC", "(Ti,Zr)C", "(Ti,Hf)C", "(Zr,Hf)C"),
    *("(Ti,Zr,Hf)C", "(Ti,Zr,Hf,Nb,Ta)C", "(Ti,Nb,Ta)C", "(Ti0.5Zr0.25Hf0.25)C"),
]


def mapped(study):
    """Return the study with maps of a formula under the name of one of its engines."""
    compositions = tuple(Composition.parse(c) for c in CARBIDES)
    table = describe(compositions, ("delta", "vec", "x_Ti"))
    frame = table.frame
    y = 20 + 300 * frame["delta"].to_numpy() + np.arange(len(CARBIDES)) % 3
    if study.data.task == "classification":
        y = (y > np.median(y)).astype(float)
    formula = fit_formula(
        [Variable("delta"), Variable("vec")],
        {n: frame[n].to_numpy() for n in frame},
        y,
        task=study.data.task,
        target=study.data.target,
        descriptors={d.name: d for d in table.descriptors},
    )
    samples = SimpleNamespace(table=table, compositions=compositions, y=y)
    chosen = FormulaResult("sisso", "SISSO", 2, formula, chosen=True)
    names = [*study.descriptors.entering, "vec_range"]
    r = pd.DataFrame(np.eye(len(names)) * 0.5 + 0.5, index=names, columns=names)
    return replace(study, maps=make_maps([chosen], samples), correlations=r)
