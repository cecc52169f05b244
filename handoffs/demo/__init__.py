"""The demo company played through the writers of facts and promises: its past, and its staff at work."""
