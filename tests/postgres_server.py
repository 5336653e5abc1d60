"""A PostgreSQL server for one test: its own folder, a socket in it, no port, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

#: Where Debian keeps the server's programs, which are not on the PATH.
DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder of the newest server that is installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted((p for p in DEBIAN.glob("*/bin") if (p / "initdb").exists()), key=lambda p: int(p.parent.name))
    return versions[-1] if versions else None


class Server:
    """A server that runs; `stop` ends it at once, as a power cut would."""

    def __init__(self, folder: Path, binaries: Path):
        # The server refuses to be root; Debian's package has a user for it.
        self.user = "postgres" if os.geteuid() == 0 else None
        self.folder, self.binaries = folder, binaries
        self.data = folder / "data"

    def call(self, program: str, *words: str) -> None:
        result = subprocess.run(
            [str(self.binaries / program), *words],
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,  # pg_ctl's server would keep it open
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        log = self.folder / "log"
        assert result.returncode == 0, result.stdout or (log.read_text() if log.exists() else program)

    def start(self) -> None:
        if self.user is not None:
            shutil.chown(self.folder, self.user, self.user)
        self.call("initdb", "--pgdata", "data", "--username", "course", "--auth", "trust", "--no-sync", "--no-locale",
                  "--encoding", "UTF8")  # fmt: skip
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
        self.call("pg_ctl", "start", "--pgdata", "data", "--log", "log", "--wait", "--options", options)

    def stop(self) -> None:
        self.call("pg_ctl", "stop", "--pgdata", "data", "--mode", "immediate", "--wait")

    def database(self, name: str) -> str:
        """Make an empty database; return its address for SQLAlchemy."""
        self.call("createdb", "--host", str(self.folder), "--username", "course", name)
        return f"postgresql+psycopg://course@/{name}?host={self.folder}"


@contextlib.contextmanager
def running(binaries: Path) -> Iterator[Server]:
    """Start a server; end it and remove its folder."""
    # Not below pytest's own folder: the server's user may not look into that, and a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="course-postgres-") as folder:
        server = Server(Path(folder), binaries)
        server.start()
        try:
            yield server
        finally:
            if (server.data / "postmaster.pid").exists():
                server.stop()
