"""Notices: carries the rungs of ladders (提醒 催办 督办 通报) to people and systems, by mail and webhook.

Read the code in this order: `addresses` (who is reached how), `planning` (who is told of what), `projection` (rungs
become deliveries), `shelf` (a delivery's row), `postman` (works them off), `mail` and `letters`, `webhooks`, `signing`
and `guard` (the ways out), `program`.
"""
