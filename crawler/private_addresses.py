"""Protection from names, pages and redirects that lead to addresses of a private network."""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

CONNECT_SECONDS = 20
REFUSAL = "{host} is {address}, inside this network: not asked"


class PrivateAddressError(OSError):
    """A host has a private address, and the user did not name it."""


async def private_address(host: str) -> str | None:
    """Return a host's first private address (loopback, private, link-local, cloud metadata).

    None if all are public, or the host is not known: then the request fails by itself.
    """
    try:
        addresses = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError:
        return None
    return _first_private(addresses)


def open_socket(host: str, port: int, *, named: bool) -> socket.socket:
    """Connect to a host, at the very address that was checked. named: the user named the host.

    Raises PrivateAddressError if an address is private and the host is not named.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    private = None if named else _first_private(addresses)
    if private:
        raise PrivateAddressError(REFUSAL.format(host=host, address=private))
    failure = OSError(f"{host} has no address")
    for *_, address in addresses:
        try:
            connection = socket.create_connection((str(address[0]), port), timeout=CONNECT_SECONDS)
            connection.settimeout(None)
            return connection
        except OSError as error:
            failure = error
    raise failure


def _first_private(addresses: Iterable[Any]) -> str | None:
    hosts = (str(entry[4][0]).partition("%")[0] for entry in addresses)
    return next((host for host in hosts if not ip_address(host).is_global), None)
