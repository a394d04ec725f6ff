"""Sure independence screening and sparsifying over a space of features."""
