"""Facts and texts that come with the program, as YAML that people edit."""

from pathlib import Path
from typing import Any

import yaml


def load(path: Path) -> Any:
    """What a bundled YAML file holds."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
