"""Splits, nested comparison, scores, and intervals from held-out errors."""
