"""What can be said of a formula: simpler forms, slopes, contributions, equality."""
