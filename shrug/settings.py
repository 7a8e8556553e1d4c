"""Where things are kept, and who we are. From the environment (SHRUG_…) or a flag."""

import os
import secrets
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path, user_config_path, user_data_path
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.errors import BadInput

_KEY_BYTES = 32


class Settings(BaseSettings):
    """Settings of a run; a flag on the command line goes before the environment."""

    model_config = SettingsConfigDict(env_prefix="SHRUG_", extra="ignore")

    database_url: str = ""
    key_file: Path = user_config_path("shrug") / "pseudonym.key"
    models_folder: Path = user_data_path("shrug") / "models"
    cache_folder: Path = user_cache_path("shrug") / "http"
    # Who gets reports: it holds addresses with their secrets.
    subscribers: Path = user_config_path("shrug") / "subscribers.yaml"
    contact: str = ""
    lang: str = ""
    # Other base addresses by source: an instance, or a board server, of the user's own.
    addresses: dict[str, str] = {}
    # Days for which answers are kept as they came, to be read again by a mended reader.
    keep_answers: int = 14
    # The user's own keys; each source that needs one says so in docs/sources.md.
    bluesky_identifier: SecretStr = SecretStr("")
    bluesky_password: SecretStr = SecretStr("")
    github_token: SecretStr = SecretStr("")
    mastodon_token: SecretStr = SecretStr("")
    reddit_client_id: SecretStr = SecretStr("")
    reddit_client_secret: SecretStr = SecretStr("")
    stackexchange_key: SecretStr = SecretStr("")
    weibo_cookie: SecretStr = SecretStr("")

    @property
    def database(self) -> str:
        path = user_data_path("shrug") / "shrug.sqlite3"
        return self.database_url or f"sqlite:///{path}"

    @property
    def secrets(self) -> dict[str, str]:
        """The keys that are set, by name, in plain: for requests only."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {k: v.get_secret_value() for k, v in found.items() if isinstance(v, SecretStr)}


@cache
def pseudonym_key(path: Path) -> bytes:
    """The key behind pseudonyms, made at first use, apart from the store, for its owner only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # O_EXCL: of two first starts at once one makes the key and both read it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise BadInput(
            f"the key for pseudonyms can't be made at {path}: {error.strerror}"
        ) from None
    else:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
    key = path.read_bytes()
    if len(key) < _KEY_BYTES:
        raise BadInput(f"{path}: the key for pseudonyms is damaged; restore it or delete the file")
    return key
