"""The counter for citizens: comments, letters, requests and answers, without a key; and what became of them.

Read the code in this order: `forms` (what is handed in), `tokens` and `limits` (against machines), `codes` (receipts),
`desk`, which brings them together, and `query`.
"""
