"""The city's accounts on WeChat and Weibo: each item once, never before the portal, within each platform's limits.

Read the code in this order: `merge`, `slots`, `texts` (pure), `platform` with `wechat` and `weibo`, `tables`,
`projection`, `queue`, `sender`, `web`. What is simulated stands apart in `simulators/`.
"""
