"""The scorers that exist: plug-ins by entry point, and models trained by the user."""

import re
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

from analysis.sentiment.card import CARD_FILE, ModelCard
from analysis.sentiment.scorers import Scorer, TrainedScorer
from analysis.sentiment.trained.training import FittedModel
from db.core.errors import BadInput

ENTRY_POINT_GROUP = "shrug.scorers"
# The scorer of each language, unless another one is chosen.
DEFAULTS = {"zh": "snownlp-field", "en": "vader"}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def scorer_names(home: Path) -> list[str]:
    """Return the names of all scorers: plug-ins first, then the models in `home`."""
    models = sorted(p.parent.name for p in home.glob(f"*/{CARD_FILE}")) if home.is_dir() else []
    plugins = sorted(entry_points(group=ENTRY_POINT_GROUP).names)
    return [*plugins, *filter(_NAME.fullmatch, models)]


def load_scorer(name: str, home: Path) -> Scorer:
    """Return the scorer of a name. Raises BadInput if there is none or it can't be loaded."""
    if _NAME.fullmatch(name) and (home / name / CARD_FILE).is_file():
        return TrainedScorer(home / name)
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        try:
            scorer: Scorer = point.load()()
        except ImportError as error:
            raise BadInput(f"the scorer {name} can't be loaded: {error}") from None
        return scorer
    known = ", ".join(scorer_names(home))
    raise BadInput(f"no scorer is called {name[:40]!r}; there are {known}")


def check_name(name: str, home: Path, *, replace: bool) -> None:
    """Raise BadInput if a new model can't have this name."""
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name[:40]!r} is no name for a model: use a-z, 0-9, dot, dash, up to 40")
    if name in entry_points(group=ENTRY_POINT_GROUP).names:
        raise BadInput(f"{name} is the name of a scorer that comes with shrug; choose another")
    if (home / name).exists() and not replace:
        raise BadInput(f"{home / name}: there is a model of this name; --replace puts a new one")


def save_model(card: ModelCard, model: FittedModel, home: Path) -> Path:
    """Write a model and its card, whole or not at all; one of the same name is replaced."""
    folder = home / card.name
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{card.name}.", dir=home, ignore_cleanup_errors=True
        ) as temporary:
            part = Path(temporary) / "new"
            part.mkdir(mode=0o700)
            model.write(part)
            card.write(part)
            if folder.exists():
                folder.rename(Path(temporary) / "replaced")
            part.rename(folder)
    except OSError as error:
        raise BadInput(f"{folder}: the model can't be written: {error.strerror}") from None
    return folder
