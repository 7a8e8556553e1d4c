"""Print all regular expressions of the project, with their places, as JSON.

Both those that are compiled by importing and using it, and those in its source text.
"""

import ast
import json
import pkgutil
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

OURS = ("analysis", "crawler", "db", "shrug")
COMPILE = re.compile
expressions: dict[str, str] = {}


def _add(pattern: str | bytes, where: str) -> None:
    expressions.setdefault(
        pattern if isinstance(pattern, str) else pattern.decode("latin-1"), where
    )


def _record_compile(pattern: Any, flags: Any = 0) -> Any:
    compiled = COMPILE(pattern, flags)
    caller = sys._getframe(1).f_globals.get("__name__", "")
    if caller.partition(".")[0] in OURS:
        _add(compiled.pattern, caller)
    return compiled


def _read_source(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        if (
            isinstance(node, ast.Call)
            and isinstance(called, ast.Attribute)
            and isinstance(called.value, ast.Name)
            and called.value.id == "re"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str | bytes)
        ):
            _add(node.args[0].value, f"{path}:{node.lineno}")


def main() -> None:
    re.compile = _record_compile
    for name in OURS:
        package = import_module(name)
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            _read_source(path)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__") and "migrations" not in module.name:
                import_module(module.name)
    _use_scorers()
    json.dump(expressions, sys.stdout)


def _use_scorers() -> None:
    from analysis.labels.acts import bundled_rules
    from analysis.sentiment.scorers import Vader, field
    from shrug.label.matcher import matcher

    bundled_rules().label("DeepSeek is down, 深度求索崩了", matcher())
    scorer = field()
    scorer.score(["DeepSeek is down", "深度求索崩了"])
    Vader().score(["DeepSeek is down"])


if __name__ == "__main__":
    main()
