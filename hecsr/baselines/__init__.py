"""What a formula must beat: black boxes, known rules, and the mean."""

from hecsr.baselines.black_boxes import (
    BLACK_BOXES,
    black_box,
    black_box_description,
)
from hecsr.baselines.learned_rules import OneRule, PairRule, ShallowTree
from hecsr.baselines.rules import (
    ChromiumFraction,
    ChromiumProduct,
    CrWithZrHf,
    MajorityClass,
    MeanPredictor,
    PowerLaw,
    ThresholdRule,
)
from hecsr.baselines.tuned import Tuned

__all__ = [
    "BLACK_BOXES",
    "ChromiumFraction",
    "ChromiumProduct",
    "CrWithZrHf",
    "MajorityClass",
    "MeanPredictor",
    "OneRule",
    "PairRule",
    "PowerLaw",
    "ShallowTree",
    "ThresholdRule",
    "Tuned",
    "black_box",
    "black_box_description",
]
