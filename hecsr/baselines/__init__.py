"""What a formula must beat: black boxes, known rules, and the mean."""

from hecsr.baselines.black_boxes import black_box_description, mlp, random_forest
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
    "ChromiumFraction",
    "ChromiumProduct",
    "CrWithZrHf",
    "MajorityClass",
    "MeanPredictor",
    "PowerLaw",
    "ThresholdRule",
    "Tuned",
    "black_box_description",
    "mlp",
    "random_forest",
]
