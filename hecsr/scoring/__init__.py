"""How good a given formula is on a table, beside trivial guesses and rivals."""
