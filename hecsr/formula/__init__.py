"""Formulas: expressions, units, printers, files and evaluation."""
