"""The load client and the bare server, in C: compiled when they are first needed."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from clustr.cli.refusal import Refusal

HERE = Path(__file__).parent


def cache_folder() -> Path:
    """Where what the benches make or fetch is kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "clustr-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def compiled(name: str) -> Path:
    """The program made from `name`.c, made anew when a source has changed."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Refusal(
            "The load client is written in C and there is no compiler: install cc (Debian: gcc and libc6-dev)."
        )
    sources = sorted([HERE / f"{name}.c", *HERE.glob("*.h")])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    program = cache_folder() / f"{name}-{digest}"
    if not program.exists():
        made = program.with_suffix(f".{os.getpid()}")
        done = subprocess.run(
            [compiler, "-O2", "-o", made, HERE / f"{name}.c"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Refusal(f"{name}.c could not be compiled:\n{done.stderr}")
        made.rename(program)
    return program
