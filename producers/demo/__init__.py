"""The example city's day: every part on one machine, its events sent by every way in, and the count at the end."""

from producers.demo.example import Example, Submission

__all__ = ["Example", "Submission"]
