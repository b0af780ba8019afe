"""Programs that measure: each prints machine, versions, figures, and last one JSON object. See README.md."""
