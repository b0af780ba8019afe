"""The router beside its peers: one job, one broker, in turns."""
