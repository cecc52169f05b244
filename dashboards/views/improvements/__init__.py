"""What was decided: the list, one of them, and what is done with it."""
