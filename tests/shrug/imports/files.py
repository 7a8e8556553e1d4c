"""Files of lines for the tests of imports."""

import gzip
import json
from pathlib import Path


def written_lines(tmp_path: Path, *lines: object, name: str = "posts.jsonl") -> Path:
    path = tmp_path / name
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    body = ("\n".join(texts) + "\n").encode("utf-8", "surrogatepass")
    path.write_bytes(gzip.compress(body) if name.endswith(".gz") else body)
    return path
