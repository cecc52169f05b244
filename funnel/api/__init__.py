"""The API door of facts."""
