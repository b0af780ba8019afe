"""`gongkai rescan`: what is public, held against the newest text checks. Start with `scanning`, then `commands`."""
