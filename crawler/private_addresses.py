"""Addresses inside the reader's own network, where a name, a page or a redirect could lead."""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

DIAL_SECONDS = 20
WHY = "{host} is {address}, inside this network: not asked"


class Inside(OSError):
    """An address is not for everybody, and nobody named it."""


async def private(host: str) -> str | None:
    """The first address of a host that is not for everybody (loopback, private, link-local, cloud
    metadata); None where all are, or none is known: then the request fails by itself."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError:
        return None
    return _inside(found)


def dial(host: str, port: int, *, named: bool) -> socket.socket:
    """A connection to a host, to the very address that was looked at; Inside where that is not for
    everybody and the host is not one that the user named."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    inside = None if named else _inside(found)
    if inside:
        raise Inside(WHY.format(host=host, address=inside))
    failure = OSError(f"{host} has no address")
    for _, _, _, _, address in found:
        try:
            connection = socket.create_connection((str(address[0]), port), timeout=DIAL_SECONDS)
            connection.settimeout(None)
            return connection
        except OSError as error:
            failure = error
    raise failure


def _inside(found: Iterable[Any]) -> str | None:
    addresses = (str(entry[4][0]).partition("%")[0] for entry in found)
    return next((a for a in addresses if not ip_address(a).is_global), None)
