"""Settings, from flags, the environment (SHRUG_…) or a file."""

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path, user_config_path, user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from db.core.errors import BadInput

PREFIX = "SHRUG_"


def config_file() -> Path:
    """Return the settings file: SHRUG_CONFIG, else config.toml in the user's config folder."""
    path = os.environ.get(f"{PREFIX}CONFIG")
    return Path(path) if path else user_config_path("shrug") / "config.toml"


class Settings(BaseSettings):
    """The settings of a run: flags override the environment, which overrides the file."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    database_url: str = ""
    key_file: Path = user_config_path("shrug") / "pseudonym.key"
    models_folder: Path = user_data_path("shrug") / "models"
    cache_folder: Path = user_cache_path("shrug") / "http"
    # The subscribers of reports, with addresses that contain secrets.
    subscribers: Path = user_config_path("shrug") / "subscribers.yaml"
    contact: str = ""
    lang: str = ""
    # The sources and providers that are crawled by default; if empty, all.
    sources: list[str] = []
    providers: list[str] = []
    # Other base addresses by source: the user's own instance or board server.
    addresses: dict[str, str] = {}
    # Days for which raw responses are stored, so that a corrected parser can read them again.
    keep_answers: int = 14
    # The queue that several crawlers share: its Redis (redis://…), its name, and the seconds after
    # which another crawler takes over from one that died.
    frontier: SecretStr = SecretStr("")
    frontier_name: str = "shrug"
    frontier_lease: Annotated[float, Field(gt=0)] = 60
    # The daemon: how often its jobs run (0: never), and what each may use.
    zone: str = "UTC"
    crawl_minutes: Annotated[float, Field(ge=0)] = 5
    score_minutes: Annotated[float, Field(ge=0)] = 15
    watch_minutes: Annotated[float, Field(ge=0)] = 30
    deliver_minutes: Annotated[float, Field(ge=0)] = 5
    # Hours between measurements of all figures, written beside the reports.
    measure_hours: Annotated[float, Field(ge=0)] = 6
    # The weekly report; without a day there is none.
    report_day: Literal["", "mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    report_hour: Annotated[int, Field(ge=0, le=23)] = 6
    report_folder: Path = user_data_path("shrug") / "reports"
    backup_hours: Annotated[int, Field(ge=0)] = 24
    backup_folder: Path = user_data_path("shrug") / "backups"
    backups_kept: Annotated[int, Field(ge=1)] = 7
    # Days after which the text and the pseudonym of a post are deleted; its count stays. 0: never.
    retention_days: Annotated[int, Field(ge=0)] = 0
    # Days after which pseudonyms get a new key. 0: never.
    key_days: Annotated[int, Field(ge=0)] = 0
    # Hours between checks of the whole store, and of its counts against a recount.
    verify_hours: Annotated[int, Field(ge=0)] = 168
    job_minutes: Annotated[int, Field(ge=1)] = 60
    job_memory_mb: Annotated[int, Field(ge=100)] = 2000
    # The address of /health, /ready and /metrics; port 0: none.
    daemon_host: str = "127.0.0.1"
    daemon_port: Annotated[int, Field(ge=0, le=65535)] = 8766
    log_form: Literal["text", "json"] = "text"
    # An Apprise address for alerts: a source went quiet, or is back.
    alert: SecretStr = SecretStr("")
    # The user's keys for sources; docs/sources.md says which source needs one.
    bluesky_identifier: SecretStr = SecretStr("")
    bluesky_password: SecretStr = SecretStr("")
    github_token: SecretStr = SecretStr("")
    mastodon_token: SecretStr = SecretStr("")
    reddit_client_id: SecretStr = SecretStr("")
    reddit_client_secret: SecretStr = SecretStr("")
    stackexchange_key: SecretStr = SecretStr("")
    weibo_cookie: SecretStr = SecretStr("")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - its signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read flags, environment and file, in this order, and nothing else."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=config_file())
        return init_settings, env_settings, file

    @property
    def database(self) -> str:
        path = user_data_path("shrug") / "shrug.sqlite3"
        return self.database_url or f"sqlite:///{path}"

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets in plain text, by name: for requests only."""
        return {name: v.get_secret_value() for name, v in self if isinstance(v, SecretStr)}


@dataclass(frozen=True, slots=True)
class SettingValue:
    """A setting, its value (secrets masked), and its origin."""

    name: str
    value: str
    origin: str


def read_settings() -> Settings:
    """Read the settings. Raises BadInput that names a bad setting and its place, not its value."""
    file = _file()
    secret = sorted(n for n in file if isinstance(_default(n), SecretStr))
    if secret and os.name == "posix" and stat.S_IMODE(config_file().stat().st_mode) & 0o077:
        raise BadInput(
            f"{config_file()}: others can read it, and it holds {secret[0]}; run chmod 600 on it"
        )
    unknown = sorted(set(file) - set(Settings.model_fields))
    if unknown:
        raise BadInput(f"{config_file()}: no setting is called {unknown[0][:60]!r}")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"])
        by_file = f"{config_file()}: {name}"
        where = by_file if _origin(name, file) == "file" else f"{PREFIX}{name.upper()}"
        raise BadInput(f"{where}: {first['msg']}") from None


def setting_values() -> list[SettingValue]:
    """Return every setting with its value and its origin: environment, file or default."""
    settings, file = read_settings(), _file()
    return [
        SettingValue(name, _shown(getattr(settings, name)), _origin(name, file))
        for name in Settings.model_fields
    ]


def _file() -> Mapping[str, Any]:
    path = config_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The text may contain a secret, so that only its position is named.
        at = str(error).rpartition("(")[2].rstrip(")") or "somewhere"
        raise BadInput(f"{path}: not TOML in UTF-8 ({at})") from None


def _default(name: str) -> object:
    field = Settings.model_fields.get(name)
    return field.default if field else None


def _origin(name: str, file: Mapping[str, Any]) -> str:
    if f"{PREFIX}{name.upper()}" in {key.upper() for key in os.environ}:
        return "environment"
    return "file" if name in file else "default"


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "***" if value.get_secret_value() else ""
    return str(value)
