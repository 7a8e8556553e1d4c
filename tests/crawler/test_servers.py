"""Crawls of real servers, with what the test put there."""

import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from db.crawl import boards
from db.posts import queries
from shrug.store.bootstrap import open_ready_store
from tests import servers
from tests.crawling import crawl

DAY = timedelta(days=1)
TEXTS = ["DeepSeek is down again", "the day is fine", "DeepSeek崩了，换豆包"]


def test_a_real_atproto_network_is_searched_through_its_pds(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PDS that asks for a session, and behind it an AppView that searches, as on Bluesky."""
    now = datetime.now(UTC)
    with servers.postgres() as database, servers.redis() as store_:
        env = {"DB_POSTGRES_URL": database, "REDIS_HOST": store_, "LOG_ENABLED": "false"}
        with servers.node_script("atproto.mjs", TEXTS, env) as network:
            monkeypatch.setenv("SHRUG_BLUESKY_IDENTIFIER", "writer.test")
            monkeypatch.setenv("SHRUG_BLUESKY_PASSWORD", "writer-pass")
            monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
            when = ("--since", (now - DAY).isoformat(), "--until", (now + DAY / 24).isoformat())
            at = ("--address", f"bluesky={network['pds']}", "--provider", "deepseek")
            code, said = crawl(url, "bluesky", *when, *at)
            monkeypatch.setenv("SHRUG_BLUESKY_PASSWORD", "wrong")
            refused, why = crawl(url, "bluesky", *when, *at)
    assert code == 0, said
    with open_ready_store(url) as store, store.reading() as connection:
        posts = queries.sample(connection, "deepseek", now - DAY, now + DAY, 10)
    assert {post.text for post in posts} == {TEXTS[0], TEXTS[2]}, said
    assert all(post.external_id.startswith(f"at://{network['did']}/") for post in posts)
    assert refused == 1
    assert "blocked: name or password are not accepted" in why


ZHIHU = {
    "data": [
        {
            "target": {"id": n, "title": title, "url": f"https://api.zhihu.com/questions/{n}"},
            "children": [{"thumbnail": ""}],
            "detail_text": f"{heat} 万热度",
        }
        for n, (title, heat) in enumerate([("如何看待 DeepSeek 崩了？", 412), ("原神维护", 90)])
    ]
}


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that the test signs for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "simulated")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.zhihu.com")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return pem, secret


@contextmanager
def upstream(folder: Path) -> Iterator[dict[str, str]]:
    """A proxy on loopback that answers for the site whose board a server shows; nothing leaves this
    machine. Gives the environment that leads a server to it."""
    pem, secret = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_response(200)
            self.end_headers()
            with context.wrap_socket(self.connection, server_side=True) as secured:
                secured.recv(65536)
                body = json.dumps(ZHIHU).encode()
                lines = (
                    "HTTP/1.1 200 OK",
                    "Content-Type: application/json",
                    f"Content-Length: {len(body)}",
                    "Connection: close",
                    "\r\n",
                )
                secured.sendall("\r\n".join(lines).encode() + body)
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    proxy = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield {"https_proxy": proxy, "http_proxy": proxy, "NODE_EXTRA_CA_CERTS": str(pem)}
    finally:
        server.shutdown()
        server.server_close()


def test_a_board_comes_through_a_real_dailyhot_server(tmp_path: Path, url: str) -> None:
    """The package dailyhot-api as its users run it, in front of a simulated Zhihu."""
    entry = servers.installed() / "dailyhot-api" / "dist" / "index.js"
    port = servers.free_port()
    with upstream(tmp_path) as env:
        environment = {**os.environ, **env, "PORT": str(port), "NODE_ENV": "docker", "no_proxy": ""}
        with servers.running(
            [servers.node(), str(entry)],
            "DailyHot API",
            lambda: servers.is_listening(port),
            env=environment,
            cwd=tmp_path,
        ):
            base = f"http://127.0.0.1:{port}"
            code, said = crawl(url, "dailyhot", "--address", f"dailyhot={base}")
    # The other boards of the list have no site behind them here: each is named, none is silent.
    assert code == 1
    for board in ("baidu", "douyin", "toutiao"):
        assert f"dailyhot:{board}" in said
    with open_ready_store(url) as store, store.reading() as connection:
        sightings = boards.sightings(connection, "dailyhot:zhihu", ["如何看待 DeepSeek 崩了？"])
    assert [(s.rank, s.heat) for s in sightings] == [(1, 4_120_000)]
