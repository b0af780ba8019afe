"""The whole way in one process: a real door, judge, desk, clock, portal and ledger over SQLite, and no broker."""
