"""The file of subscribers: each mistake is named, and no address is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.core.errors import BadInput
from shrug.delivery.subscribers import Subscriber, read_subscribers

BAD = {
    "no list": "desk: x",
    "a field that is none": "subscribers:\n- {name: a, to: 'json://secret-token', colour: red}",
    "a zone that is none": "subscribers:\n- {name: a, to: 'json://secret-token', zone: Mars}",
    "a provider that is none": (
        "subscribers:\n- {name: a, to: 'json://secret-token', providers: [nobody]}"
    ),
    "quiet hours that are none": (
        "subscribers:\n- {name: a, to: 'json://secret-token', quiet: late}"
    ),
    "a name that is none": "subscribers:\n- {name: 'a b', to: 'json://secret-token'}",
    "two of one name": (
        "subscribers:\n- {name: a, to: 'json://secret-token'}\n- {name: a, to: 'json://y'}"
    ),
    "broken": "subscribers:\n- {to: 'json://secret-token'",
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_named_and_no_address_is(tmp_path: Path, what: str) -> None:
    path = tmp_path / "subscribers.yaml"
    path.write_text(BAD[what])
    path.chmod(0o600)
    with pytest.raises(BadInput) as error:
        read_subscribers(path)
    assert str(path) in str(error.value)
    assert "secret-token" not in str(error.value)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.yaml"
    path.write_text("subscribers: []")
    path.chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600"):
        read_subscribers(path)
    with pytest.raises(BadInput, match="no such file"):
        read_subscribers(tmp_path / "none.yaml")


def test_a_good_file_gives_its_subscribers_with_keys_of_providers(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.yaml"
    path.write_text(
        "subscribers:\n- {name: a, to: 'json://x', providers: [DeepSeek]}\n- {name: b, to: 'json://y'}"
    )
    path.chmod(0o600)
    first, second = read_subscribers(path)
    assert (first.name, first.providers, first.every) == ("a", ("deepseek",), "week")
    assert second.to.get_secret_value() == "json://y"


@pytest.mark.parametrize(
    ("quiet", "hour", "is_quiet"),
    [
        ("22:00-08:00", 23, True),
        ("22:00-08:00", 7, True),
        ("22:00-08:00", 8, False),
        ("12:00-14:00", 13, True),
        ("12:00-14:00", 23, False),
        (None, 3, False),
    ],
)
def test_quiet_hours_go_over_midnight(quiet: str | None, hour: int, is_quiet: bool) -> None:
    subscriber = Subscriber.model_validate({"name": "a", "to": "json://x", "quiet": quiet})
    assert subscriber.is_quiet(datetime(2026, 4, 20, hour, tzinfo=UTC)) is is_quiet


def test_quiet_hours_are_those_of_the_subscribers_zone() -> None:
    values = {"name": "a", "to": "json://x", "quiet": "22:00-08:00", "zone": "Asia/Shanghai"}
    subscriber = Subscriber.model_validate(values)
    assert subscriber.is_quiet(datetime(2026, 4, 20, 16, tzinfo=UTC))
    assert not subscriber.is_quiet(datetime(2026, 4, 20, 1, tzinfo=UTC))
