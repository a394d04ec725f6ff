"""Formulas as they stand in the literature, or as a user writes them."""
