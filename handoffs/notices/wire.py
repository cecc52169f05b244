"""A JSON message to a webhook: only where it may go, never to our own network by accident, and never for long."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECONDS, SECONDS_IN_ALL = 5, 15
HTTPS, HTTPS_PORT, HTTP_PORT = "https", 443, 80
LONGEST_WAIT = timedelta(hours=1)
READ_AT_MOST = 1024
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LONGEST_URL = 2000


class NotAllowed(OSError):
    """The address is none that a webhook may have; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Answered(NamedTuple):
    """The status a webhook answered with, and how long it wants to be left alone (429, 503)."""

    status: int
    wait: timedelta | None


def checked(url: str) -> SplitResult:
    """Return the parts of a webhook's address; raise NotAllowed unless it is https, or its host is allowed by name.

    Nothing is looked up: what the name stands for is checked at the moment of sending.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise NotAllowed("not_an_address") from error
    if not host or len(url) > LONGEST_URL or not url.isascii() or any(c.isspace() for c in url):
        raise NotAllowed("not_an_address")
    if parts.username or parts.password:
        raise NotAllowed("not_an_address")
    if is_allowed_by_name(parts):
        return parts
    if parts.scheme != HTTPS or port not in (None, HTTPS_PORT):
        raise NotAllowed("not_https")
    return parts


def is_allowed_by_name(parts: SplitResult) -> bool:
    """True for hosts (`name` or `name:port`) of REVOPS_WEBHOOK_HOSTS: plain HTTP and private networks are theirs."""
    names = {parts.hostname, f"{parts.hostname}:{parts.port}"}
    return parts.scheme in ("http", HTTPS) and bool(names & set(settings.WEBHOOK_HOSTS))


def post(url: str, message: Mapping[str, Any], *, key: str) -> Answered:
    """Post a message once, with its stable key beside it. Redirections are not followed.

    Raises OSError (NotAllowed among them) when no answer came; no text of the address is in it.
    """
    parts = checked(url)
    port = parts.port or (HTTPS_PORT if parts.scheme == HTTPS else HTTP_PORT)
    address = _resolved(str(parts.hostname), port, anywhere=is_allowed_by_name(parts))
    line = _Line(str(parts.hostname), port, address, secure=parts.scheme == HTTPS)
    # A peer that sends a byte now and then is within every single timeout.
    alarm = threading.Timer(SECONDS_IN_ALL, line.cut)
    alarm.daemon = True
    alarm.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        body = json.dumps(message).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
        line.request("POST", path, body=body, headers=headers)
        answer = line.getresponse()
        answer.read(READ_AT_MOST)
        return Answered(answer.status, _wait(answer.getheader("Retry-After")))
    except http.client.HTTPException as error:
        raise ConnectionError(type(error).__name__) from None
    finally:
        alarm.cancel()
        line.close()


def _resolved(host: str, port: int, *, anywhere: bool) -> str:
    """The address to connect to, looked up once: all of the name's addresses must be public."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise NotAllowed("unknown_host") from error
    if not anywhere and not all(is_public(address) for address in found):
        raise NotAllowed("private_address")
    return found[0]


def is_public(text: str) -> bool:
    """True for an address of the open internet, also when it is written inside another."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address.sixtofour is not None or address.teredo is not None or address in NAT64:
            return False
    return address.is_global and not address.is_multicast


class _Line(http.client.HTTPConnection):
    """A connection to an address already looked up, under the host's name."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._address, self._secure = address, secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), timeout=SECONDS)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """End it from another thread, whatever it waits for."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _wait(text: str | None) -> timedelta | None:
    """Read Retry-After: seconds or a date; at most an hour; None when it says neither."""
    if not text:
        return None
    try:
        wait = timedelta(seconds=int(text)) if text.strip().isdigit() else _until(text)
    except (ValueError, OverflowError):
        return None
    return max(timedelta(seconds=1), min(wait, LONGEST_WAIT))


def _until(text: str) -> timedelta:
    at = parsedate_to_datetime(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)
