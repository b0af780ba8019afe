"""The portal's pages, feeds, JSON API and feed for outside portals. Every page is a view; no route writes an item."""
