"""Citizens' forms: made from the pack, read into memory alone, and handed to the door's counter; nothing is kept here.

Read the code in this order: `sheet` (what a form asks), `reading` (what came), `filled` (what is wrong with it),
`handing` (the door).
"""
