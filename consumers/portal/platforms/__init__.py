"""Outside portals: who may read the feed, how it is cut into pages, and what they report back.

Two stores stand beside the portal's own, which its sink fills and a rebuild empties: `portal-readers`, written by the
command that issues tokens and only read here, and `portal-reports`, which holds what readers reported and sends it.
"""
