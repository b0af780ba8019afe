"""What tests share: a real broker and PostgreSQL, waiting with a deadline, valid events, the features table."""
