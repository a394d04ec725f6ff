"""From a question in a TOML file to a result and its report."""

from hecsr.study.run import run_analysis, run_study
from hecsr.study.summary import summary
from hecsr.study.time_spent import time_spent

__all__ = ["run_analysis", "run_study", "summary", "time_spent"]
