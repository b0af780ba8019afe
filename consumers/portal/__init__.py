"""The portal: every item of the catalogue as a page that lasts, for people, for readers of feeds and for other portals.

Reads `portal-feed`; writes `receipts`; keeps items, versions, withdrawals, index numbers and the feed itself, so
that an outside portal can read it again from any place. Read in this order: `merge` (what a record changes),
`projection`, `numbering`, `queries`, `outside`, then `web`.
"""
