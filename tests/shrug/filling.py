"""A store with something to say: six quiet weeks, a loud outage, a quiet one, hostile posts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.conftest import Run

START = datetime(2026, 4, 15, 8, tzinfo=UTC)
HISTORY = START - timedelta(weeks=6)
UNTIL = START + timedelta(days=2)
HOSTILE = [
    "DeepSeek is down <script>document.title='owned'</script><img src=x onerror=alert(1)>",
    "DeepSeek is down [click](javascript:alert(1)) **bold** | cell | `code` </table>",
    "DeepSeek is down \u202egnp.exe {{ 7*7 }} {% raw %} =HYPERLINK(1)",
]
HOSTILE_TITLE = "<b>API</b> down"


def post(number: int, at: datetime, text: str, likes: int = 0) -> dict[str, object]:
    return {
        "source": "forum",
        "id": str(number),
        "created_at": at.isoformat(),
        "text": text,
        "author": f"user{number}",
        "likes": likes,
        "url": f"https://forum.example/{number}",
    }


def fill(run: Run, folder: Path) -> None:
    """Six quiet weeks of about 3 posts an hour, then an outage that 200 posts speak of."""
    step = timedelta(minutes=20)
    quiet = [
        post(n, HISTORY + n * step, f"Tried DeepSeek on task {n * 7919 % 1009}")
        for n in range(int((START + timedelta(days=1) - HISTORY) / step))
    ]
    loud = [
        post(90_000 + n, START + n * timedelta(seconds=30), f"DeepSeek is down, attempt {n}")
        for n in range(200)
    ]
    hostile = [post(95_000 + n, START, text, 999) for n, text in enumerate(HOSTILE)]
    path = folder / "posts.jsonl"
    path.write_text("\n".join(json.dumps(p) for p in quiet + loud + hostile))
    covered = f"{HISTORY.isoformat()}/{UNTIL.isoformat()}"
    assert run("import", "posts", path, "--covered", covered)[0] == 0
    for start, title in ((START, HOSTILE_TITLE), (START - timedelta(days=1), "nobody noticed")):
        span = start.isoformat(), (start + timedelta(hours=2)).isoformat()
        assert run("outages", "add", "deepseek", *span, "--title", title)[0] == 0
