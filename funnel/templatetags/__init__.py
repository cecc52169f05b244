"""Tags that word facts on pages."""
