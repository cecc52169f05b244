"""THE ONLY WRITER of the company's own rows: members, departments, calendar, wordings, reasons, channels, tokens.

Every change is an event in the ledger (codes, numbers and ids; what things are called stays in the rows), made
in one transaction with it, and refused with what happened meanwhile when somebody else was faster.
"""
