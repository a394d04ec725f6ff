"""Sure independence screening of the whole space, whose last rung is never stored."""
