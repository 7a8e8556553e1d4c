"""Private addresses are recognized, and never connected to unless the user named them."""

import asyncio
import socket

import pytest

from crawler.private_addresses import PrivateAddressError, open_socket, private_address


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1%1"])
def test_a_private_address_is_found(host: str) -> None:
    assert asyncio.run(private_address(host)) == host.partition("%")[0]


@pytest.mark.parametrize("host", ["1.1.1.1", "2606:4700:4700::1111", "no.such.host.invalid"])
def test_a_public_or_unknown_host_has_no_private_address(host: str) -> None:
    assert asyncio.run(private_address(host)) is None


def test_a_private_host_is_connected_to_only_if_the_user_named_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PrivateAddressError, match="inside this network"):
            open_socket("127.0.0.1", port, named=False)
        with open_socket("127.0.0.1", port, named=True) as connection:
            assert connection.getpeername()[1] == port
