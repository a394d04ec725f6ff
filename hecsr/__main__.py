"""``python -m hecsr`` is the command line."""

from hecsr.cli import entry

entry()
