"""PySR, run in a fresh process: its options, its equations, its estimators."""
