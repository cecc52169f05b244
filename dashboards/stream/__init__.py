"""The bare ASGI function that relays live frames: one reader a process, no connection per viewer."""

from dashboards.stream.door import app

__all__ = ["app"]
