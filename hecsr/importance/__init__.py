"""What each descriptor is worth to a model, on samples it has not seen."""
