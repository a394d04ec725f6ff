"""Ways to write a formula down, one module each."""
