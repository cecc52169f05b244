"""The bare ASGI function that relays live frames."""

from typing import Any


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Refuse: nothing to relay yet."""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
