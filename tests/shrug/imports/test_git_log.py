"""The history of a git repository."""

import os
import subprocess
from pathlib import Path

import pytest

from db.core.errors import BadInput
from shrug.imports.git_log import Repository

ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
}  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two commits that write api/a.json, with one between them that does not."""

    def git(*arguments: str) -> None:
        command = ["git", "-C", str(tmp_path), *arguments]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **ENVIRONMENT})

    git("init")
    (tmp_path / "api").mkdir()
    for name, body in (("api/a.json", "1"), ("README", "x"), ("api/a.json", "2")):
        (tmp_path / name).write_text(body)
        git("add", ".")
        git("commit", "-m", "m")
    return Repository(tmp_path)


def test_commits_of_a_folder_come_oldest_first_and_after_a_known_one(
    repository: Repository,
) -> None:
    (first, _), (last, _) = repository.commits("api")
    assert repository.changed_files(first) == ["api/a.json"]
    assert [id_ for id_, _ in repository.commits("api", after=first)] == [last]
    assert len(repository.commits("api", after="0" * 40)) == 2
    assert repository.has_folder("api")
    assert not repository.has_folder("raw")


def test_files_are_read_as_they_were_at_a_commit(repository: Repository) -> None:
    (first, _), (last, _) = repository.commits("api")
    with repository.file_reader() as files:
        assert files.read(first, "api/a.json") == b"1"
        assert files.read(first, "none") is None
        assert files.read(first, "api") is None
        assert files.read(f"{first}^", "api/a.json") is None
        assert files.read(last, "api/a.json") == b"2"


def test_a_folder_that_is_no_repository_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    with pytest.raises(BadInput, match="git can't read it"):
        Repository(folder)
