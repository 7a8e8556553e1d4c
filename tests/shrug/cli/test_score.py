"""`shrug score`: posts are scored once, and again on request."""

import json
from pathlib import Path

from tests.conftest import Run


def test_posts_are_scored_once_and_again_on_request(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    texts = [
        "DeepSeek崩了，气死我了",
        "DeepSeek is down and I hate it",
        "DeepSeek 😭",
        "no provider at all",
    ]
    path.write_text(
        "\n".join(
            json.dumps({"source": "s", "id": n, "created_at": "2026-01-01T00:00:00Z", "text": text})
            for n, text in enumerate(texts)
        )
    )
    run("import", "posts", path)
    # The last post names no provider, so it is not scored.
    assert "3 posts" in run("score")[1]
    assert "0 posts" in run("score")[1]
    assert "3 posts" in run("score", "--again")[1]
