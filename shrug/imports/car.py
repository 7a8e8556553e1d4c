"""Posts of an atproto repository's export (CAR), each with its address.

A repository's records hang on a search tree whose entries share the beginning of their keys with
the one before (https://atproto.com/specs/repository).
"""

from collections.abc import Iterator
from typing import Any

import libipld

POSTS = "app.bsky.feed.post/"
_MOST_NODES = 10_000_000


def post_records(body: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (uri, record) of every post, with `uri` and `did` added to the record.

    Raises ValueError if the bytes are no repository.
    """
    try:
        header, blocks = libipld.decode_car(body)
    except Exception as error:
        raise ValueError(str(error)[:120]) from None
    commit = blocks.get((header.get("roots") or [None])[0])
    if not isinstance(commit, dict) or not isinstance(commit.get("did"), str):
        raise ValueError("no commit at its root")
    did = commit["did"]
    for key, cid in _entries(blocks, commit.get("data")):
        record = blocks.get(cid)
        if key.startswith(POSTS) and isinstance(record, dict):
            uri = f"at://{did}/{key}"
            yield uri, {**record, "uri": uri, "did": did}


def _entries(blocks: dict[Any, Any], root: Any) -> Iterator[tuple[str, Any]]:
    """Yield (key, cid) of every entry of the tree; each node once, even if nodes form a circle."""
    waiting, seen = [root], set[Any]()
    while waiting and len(seen) < _MOST_NODES:
        cid = waiting.pop()
        node = blocks.get(cid)
        if cid in seen or not isinstance(node, dict):
            continue
        seen.add(cid)
        waiting.append(node.get("l"))
        key = b""
        for entry in node.get("e") or []:
            key = key[: entry["p"]] + bytes(entry["k"])
            yield key.decode("utf-8", "replace"), entry["v"]
            waiting.append(entry.get("t"))
