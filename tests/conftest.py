"""What every test may rely on."""

import signal

import pytest


@pytest.fixture(autouse=True, scope="session")
def _interruptible():
    """Let Ctrl-C be felt, also where the tests run in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
