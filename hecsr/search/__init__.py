"""Engines that search for formulas: LASSO and SISSO."""
