"""Formulas by genetic programming: Operon, run in processes of its own."""
