"""The line to an appeal platform: a real door and desk, and the platform as a process of its own."""
