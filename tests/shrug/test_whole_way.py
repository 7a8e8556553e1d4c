"""Worlds with known truth, the whole way: from a file of posts to the report's JSON."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.conftest import Run

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 42
TRUTH = {
    "DeepSeek": 1.0, "ChatGPT": 1.0, "OpenRouter": 1.0, "Midjourney": 1.0,
    "Perplexity": 2.0, "Hugging Face": 3.0, "SiliconFlow": 4.0, "Replicate": 6.0,
}  # fmt: skip
KEYS = {
    "DeepSeek": "deepseek", "ChatGPT": "chatgpt", "OpenRouter": "openrouter",
    "Midjourney": "midjourney", "Perplexity": "perplexity", "Hugging Face": "huggingface",
    "SiliconFlow": "siliconflow", "Replicate": "replicate",
}  # fmt: skip
OUTAGE = timedelta(hours=2)


def starts() -> dict[str, datetime]:
    return {name: START + timedelta(days=DAYS - 3, hours=3 * i) for i, name in enumerate(TRUTH)}


def written(folder: Path) -> tuple[Path, Path]:
    """Posts as JSONL and outages as CSV; attention fills each outage's window."""
    rng, number = random.Random(7), 0
    lines = []
    for name, start in starts().items():
        window = start - timedelta(minutes=30), start + OUTAGE + timedelta(hours=2)
        for hour in range(DAYS * 24):
            at = START + timedelta(hours=hour)
            rate = 4 * (1.5 if 8 <= at.hour < 22 else 0.5)
            for _ in range(_poisson(rng, rate * TRUTH[name])):
                moment = at + timedelta(seconds=rng.random() * 3600)
                inside = window[0] <= moment < window[1]
                if not inside and rng.random() > 1 / TRUTH[name]:
                    continue
                number += 1
                text = f"{name} API note {number}: {rng.choice('abcdefgh')}{number:x}"
                row = {
                    "source": "hackernews",
                    "id": str(number),
                    "text": text,
                    "author": f"a{number}",
                }
                lines.append(json.dumps({**row, "created_at": moment.isoformat()}))
    posts, outages = folder / "posts.jsonl", folder / "outages.csv"
    posts.write_text("\n".join(lines), encoding="utf-8")
    rows = [f"{n},{s.isoformat()},{(s + OUTAGE).isoformat()},outage" for n, s in starts().items()]
    outages.write_text("provider,start,end,kind\n" + "\n".join(rows), encoding="utf-8")
    return posts, outages


def _poisson(rng: random.Random, mean: float) -> int:
    elapsed, number = rng.expovariate(1.0), 0
    while elapsed < mean:
        elapsed += rng.expovariate(1.0)
        number += 1
    return number


def test_truth_comes_out_at_the_other_end(run: Run, tmp_path: Path) -> None:
    posts, outages = written(tmp_path)
    span = f"{START.isoformat()}/{(START + timedelta(days=DAYS)).isoformat()}"
    assert run("import", "posts", posts, "--covered", span)[0] == 0
    assert run("outages", "import", outages)[0] == 0
    assert run("score")[0] == 0
    code, out, _ = run("measure", "--json")
    assert code == 0
    by_provider = {o["provider"]: o for o in json.loads(out)["outages"]}
    ratios = {name: by_provider[KEYS[name]]["combined"]["ratio"] for name in TRUTH}
    covers_truth = [r["low"] <= TRUTH[name] <= r["high"] for name, r in ratios.items()]
    assert sum(covers_truth) >= 7
    verdicts = {name: by_provider[KEYS[name]]["verdict"] for name in TRUTH}
    assert all(verdicts[name] == "noticed" for name, ratio in TRUTH.items() if ratio >= 3)
    assert all(verdicts[name] != "noticed" for name, ratio in TRUTH.items() if ratio == 1)
    assert any(verdicts[name] == "shrugged" for name, ratio in TRUTH.items() if ratio == 1)
    assert by_provider["replicate"]["behaviour"]["posts"] > 50
