"""Which scorers there are: plug-ins by entry point, and models trained by the user."""

import re
import shutil
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

from analysis.sentiment import card as cards
from analysis.sentiment.card import Card
from analysis.sentiment.scorers import Scorer, Trained
from analysis.sentiment.trained.training import Model
from db.core.errors import BadInput

GROUP = "shrug.scorers"
# Which scorer a language has where nobody chose one.
DEFAULTS = {"zh": "snownlp-field", "en": "vader"}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def names(home: Path) -> list[str]:
    """The names of all scorers: plug-ins first, then the models kept in `home`."""
    kept = sorted(p.parent.name for p in home.glob(f"*/{cards.FILE}")) if home.is_dir() else []
    return [*sorted(entry_points(group=GROUP).names), *filter(_NAME.fullmatch, kept)]


def named(name: str, home: Path) -> Scorer:
    """The scorer of a name; BadInput says which names there are."""
    if _NAME.fullmatch(name) and (home / name / cards.FILE).is_file():
        return Trained(home / name)
    for point in entry_points(group=GROUP, name=name):
        try:
            scorer: Scorer = point.load()()
        except ImportError as error:
            raise BadInput(f"the scorer {name} can't be loaded: {error}") from None
        return scorer
    raise BadInput(f"no scorer is called {name[:40]!r}; there are {', '.join(names(home))}")


def free(name: str, home: Path, *, replace: bool) -> None:
    """Raises BadInput where a new model can't have this name."""
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name[:40]!r} is no name for a model: use a-z, 0-9, dot, dash, up to 40")
    if name in entry_points(group=GROUP).names:
        raise BadInput(f"{name} is the name of a scorer that comes with shrug; choose another")
    if (home / name).exists() and not replace:
        raise BadInput(f"{home / name}: there is a model of this name; --replace puts a new one")


def keep(card: Card, model: Model, home: Path) -> Path:
    """Keep a model under its name, whole or not at all; one of that name is replaced."""
    folder = home / card.name
    try:
        home.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{card.name}.", dir=home))
        try:
            model.write(part)
            card.write(part)
            if folder.exists():
                folder.rename(part / "replaced")
            part.rename(folder)
            shutil.rmtree(folder / "replaced", ignore_errors=True)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise BadInput(f"{folder}: the model can't be kept: {error.strerror}") from None
    return folder
