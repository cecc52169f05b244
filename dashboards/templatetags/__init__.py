"""Tags that show readings."""
