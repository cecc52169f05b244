"""Brings everything up in order, keeps it up, and takes it down in order. Standard library only."""
