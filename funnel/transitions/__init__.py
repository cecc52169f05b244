"""THE ONLY WRITER of stages and of the ledger: leads, deals, customers, corrections."""
