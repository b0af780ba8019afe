"""How a department loads a register: a file of any length, checked row by row, sent in loads of some hundred records.

Read the code in this order: `reading` (rows of a file), `checking` (which of them may go), `loading` (loads and what
became of them), `commands`.
"""
