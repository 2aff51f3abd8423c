"""The folder an embedded ClustR keeps everything in: database, secret key, and the lock that makes it one process."""

import fcntl
import os
import secrets
from pathlib import Path

from clustr.cli.refusal import Refusal
from notifications.push.keys import make_private_key

ROOT = Path(__file__).resolve().parent.parent.parent


class DataDir:
    """A data folder held by this process until it ends.

    The lock is the kernel's (flock): a process that was killed leaves none behind, so there is no stale file to judge.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def hold(self) -> None:
        """Create the folder and take its lock. Raises `Refusal` when it is held, or cannot be written."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path / "clustr.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Refusal(
                f"Cannot write to the data folder {self.path} ({error.strerror}): choose another with --data-dir."
            ) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise Refusal(
                f"Another ClustR (process {holder}) is running on {self.path}: "
                "stop it first, or choose another folder with --data-dir."
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._lock = handle

    def release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def secret_key(self) -> str:
        """This installation's own key, made at the first start and readable to its owner only."""
        return self.keep_private("secret_key", secrets.token_urlsafe(48))

    def push_key(self) -> str:
        """This installation's key for web push, made and kept the same way."""
        return self.keep_private("push_key", make_private_key())

    def keep_private(self, name: str, first_content: str) -> str:
        """The content of a private file, written first when it does not exist (or was cut short)."""
        path = self.path / name
        if not path.exists() or not path.stat().st_size:
            self.write_private(name, first_content)
        return path.read_text().strip()

    def write_private(self, name: str, content: str) -> Path:
        """Replace a private file in one step: a reader sees the old content or the new one, mode 0600 either way."""
        path, draft = self.path / name, self.path / f".{name}.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return path


def chosen(option: str | None, default: str) -> Path:
    """`--data-dir` as seen from here, else CLUSTR_DATA_DIR, else `default` inside the checkout."""
    named = option or os.environ.get("CLUSTR_DATA_DIR")
    return Path(named).expanduser().resolve() if named else ROOT / default
