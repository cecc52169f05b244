"""One entry, one port: /live/ to the stream, everything else to the pages in a bounded pool of threads."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware

from revops.wsgi import application as wsgi

# After revops.wsgi: the stream reads settings.
from dashboards.stream import app as stream  # isort: skip

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

# Each thread may hold one database connection, so this also bounds those.
THREADS = int(os.environ.get("REVOPS_THREADS", "12"))
# Typed loosely on purpose: both sides speak the protocols, under names of their own.
pages: Any = WSGIMiddleware(cast(Any, wsgi), workers=THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Send a connection where it belongs."""
    if scope["type"] == "http":
        if scope["path"].startswith("/live/"):
            await stream(scope, receive, send)
            return
        query = scope["query_string"]
        if not query.isascii():
            # Some clients send addresses unencoded; WSGI's reading of them would fail.
            scope["query_string"] = quote_from_bytes(query, safe="&=+%;/?:@!$'()*,-._~").encode()
    await pages(scope, receive, send)
