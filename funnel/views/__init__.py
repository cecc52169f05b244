"""Pages about facts."""
