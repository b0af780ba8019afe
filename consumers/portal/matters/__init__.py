"""Matters as the public may see them: what the sink keeps of their progress, and what pages read."""
