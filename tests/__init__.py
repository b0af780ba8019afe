"""The tests: they mirror the tree; what several share is in `tests.support`."""
