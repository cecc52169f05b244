"""The listening socket that the web server inherits."""

import socket

import pytest

from revops import processes


def test_what_the_door_accepts_sends_without_waiting_to_be_acknowledged():
    with processes.door("127.0.0.1", 0) as door, socket.create_connection(door.getsockname()) as client:
        accepted, _ = door.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert client.getpeername() == accepted.getsockname()


def test_a_port_is_listened_on_once():
    with processes.door("127.0.0.1", 0) as door, pytest.raises(OSError, match="in use"):
        processes.door("127.0.0.1", door.getsockname()[1])
