"""The assessment office's eyes: a ledger of every event, who was on time, and whether the bus itself flows.

Reads `verdicts` and `receipts`; writes `rejections` (VER-CONFLICT alone); keeps one outcome for every event.
Read in this order: `reading` (what a record says), `tables`, `ledger` (the projection), `duties` (on time or late),
`departments` (the figures), `channels` (consumers' health), `reconcile` (nothing lost), then `web`.
"""
