"""A server of PostgreSQL for the tests, if its programs are on this machine."""

import csv
import os
import shutil
import subprocess
import tempfile
from io import StringIO
from pathlib import Path


class Postgres:
    """A server of PostgreSQL in a folder of its own, which only this machine reaches, and only by a socket."""

    def __init__(self, programs: Path) -> None:
        self._databases = 0
        self.folder, self._programs = Path(tempfile.mkdtemp(prefix="kolmisla-pg-")), programs
        # it refuses to run as root
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._user:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c max_wal_size=256MB"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def _run(self, program: str, *options: str) -> None:
        command = [*self._user, str(self._programs / program), "-D", str(self.folder / "data"), *options]
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def new_database(self) -> str:
        """The name of a new database."""
        self._databases += 1
        self.ask(f"CREATE DATABASE desk_{self._databases};")
        return f"desk_{self._databases}"

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def ask(self, statements: str) -> list[dict[str, str]]:
        """The rows that the last query gives."""
        command = ["psql", "-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1", "-P", "null=\\N", "-U", "postgres"]
        done = subprocess.run(
            [*command, "-h", str(self.folder)], input=statements, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return list(csv.DictReader(StringIO(done.stdout)))


def programs() -> Path | None:
    """The folder with the programs of the newest PostgreSQL here."""
    beside = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = Path(beside) if beside else folders[-1] if folders else None
    return found.parent if found and shutil.which("psql") else None
