"""Notices: carries the rungs of ladders (提醒 催办 督办 通报) to people and systems, by mail and webhook.

Read the code in this order: `addresses` (who is reached how), `planning` (who is told of what), `projection` (rungs
become deliveries) with `rows` and `words`, `shelf` (a delivery's row), `postman` and `pace` (they are worked off),
`ways`: `mail` and `letters`, `webhooks`, `signing` and `guard`; then `program`.
"""
