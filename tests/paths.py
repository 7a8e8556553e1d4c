"""Where the checkout and the recorded answers are."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT / "tests" / "answers"
