"""Files are replaced whole, or stay as they were."""

import os
import stat
from pathlib import Path

import pytest

from db.core.errors import BadInput
from db.core.files import write_atomic


def test_a_file_takes_the_place_of_the_former_one_in_a_folder_made_for_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    for body in (b"first", b"second"):
        with write_atomic(path) as part:
            part.write_bytes(body)
        assert path.read_bytes() == body
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_the_former_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"former")
    with pytest.raises(ZeroDivisionError), write_atomic(path) as part:
        part.write_bytes(b"half" * (1 // 0))
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_secret_file_is_its_owners_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with write_atomic(path, mode=0o600) as part:
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(("label", "begins"), [("", "{path}: "), ("--out: x", "--out: x: ")])
def test_a_place_that_cannot_be_written_is_bad_input(
    tmp_path: Path, label: str, begins: str
) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / "file" / "below"
    with pytest.raises(BadInput) as error, write_atomic(path, label=label):
        pass
    assert str(error.value).startswith(begins.format(path=path))
