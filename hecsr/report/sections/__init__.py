"""The sections of the report, one module each: a `View` in, blocks out."""
