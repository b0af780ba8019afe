"""The gateway's HTTP interface, for departments: events, feed, rejections, files."""
