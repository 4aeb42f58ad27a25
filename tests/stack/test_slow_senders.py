"""A client that sends slowly."""

import socket
import time

from tests.support.door import opened_door
from tests.support.stack import Stack


def test_who_sends_slowly_is_not_waited_for(stack: Stack) -> None:
    """Neither for the end of a header that comes byte by byte, nor for a body that does not come."""
    over: dict[socket.socket, float] = {}
    with opened_door(stack) as door:
        address = ("127.0.0.1", door.port)
        began = time.monotonic()
        with socket.create_connection(address) as header, socket.create_connection(address) as body:
            header.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
            body.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nname=")
            while len(over) < 2 and time.monotonic() - began < 20:
                for each in {header, body} - over.keys():
                    if is_over(each, drip=each is header):
                        over[each] = time.monotonic() - began
                time.sleep(0.2)
    assert all(8 < seconds < 14 for seconds in over.values())
    assert len(over) == 2


def is_over(connection: socket.socket, drip: bool) -> bool:
    """Whether the other side closed it; sends one more byte if not."""
    connection.setblocking(False)
    try:
        if connection.recv(1000) == b"":
            return True
    except BlockingIOError:
        pass
    except ConnectionError:
        return True
    try:
        if drip:
            connection.send(b"x")
    except ConnectionError:
        return True
    return False
