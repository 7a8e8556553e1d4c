"""A git repository's history: its commits, their times, and files as they were."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from db.core.errors import BadInput

# Plumbing only, and nothing that a repository's own configuration could make it run or fetch.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")
_ALONE = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


class Repository:
    """A checkout or a bare repository. Raises BadInput if git is missing or can't read it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._git = shutil.which("git")
        if self._git is None:
            raise BadInput(f"{path}: git is needed to read it; install git")
        self.root = self._run("rev-list", "--max-parents=0", "HEAD").split()[-1]

    def has_folder(self, folder: str) -> bool:
        """Whether the last commit has a folder of this name."""
        return bool(self._run("ls-tree", "HEAD", f"{folder}/", "--name-only"))

    def commits(self, folder: str, after: str | None = None) -> list[tuple[str, datetime]]:
        """Return (id, time) of the commits that touched a folder, oldest first.

        after: only commits that follow this one, if the repository has it.
        """
        span = [f"{after}..HEAD"] if after and self._knows(after) else ["HEAD"]
        lines = self._run("rev-list", "--timestamp", "--reverse", *span, "--", f"{folder}/")
        pairs = (line.split() for line in lines.splitlines())
        return [(id_, datetime.fromtimestamp(int(seconds), UTC)) for seconds, id_ in pairs]

    def changed_files(self, id_: str) -> list[str]:
        """Return the paths of the files that a commit changed or added."""
        plain = ("diff-tree", "-r", "--root", "--no-commit-id", "--name-only", "--diff-filter=AM")
        return self._run(*plain, "-z", "--no-ext-diff", id_).rstrip("\0").split("\0")

    @contextmanager
    def file_reader(self) -> "Iterator[FileReader]":
        """Open a reader of files as they were at a commit."""
        with subprocess.Popen(  # noqa: S603 - git itself, found on the path
            self._command("cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ALONE},
        ) as process:
            yield FileReader(process)

    def _knows(self, id_: str) -> bool:
        try:
            self._run("merge-base", "--is-ancestor", id_, "HEAD")
        except BadInput:
            return False
        return True

    def _command(self, *arguments: str) -> list[str]:
        return [str(self._git), *_SAFE, "-C", str(self._path), *arguments]

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603
            self._command(*arguments),
            check=False,
            capture_output=True,
            env={**os.environ, **_ALONE},
        )
        if done.returncode:
            why = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise BadInput(f"{self._path}: git can't read it: {why[0] if why else 'no reason'}")
        return done.stdout.decode("utf-8", "replace")


class FileReader:
    """Reads files of any commit through one git process."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def read(self, commit: str, path: str) -> bytes | None:
        """Return a file as it was at a commit; None if it was not there."""
        if "\n" in path or self._process.stdin is None or self._process.stdout is None:
            return None
        self._process.stdin.write(f"{commit}:{path}\n".encode())
        self._process.stdin.flush()
        head = self._process.stdout.readline().split()
        if len(head) != 3:
            return None
        body = self._process.stdout.read(int(head[2]) + 1)
        return body[:-1] if head[1] == b"blob" else None
