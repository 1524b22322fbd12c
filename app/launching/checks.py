"""Preconditions of `sophora run`; each failure is one sentence that says what to do."""

import errno
import fcntl
import os
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

MINIMUM_FREE_MB = 300


class LaunchError(Exception):
    """Sophora cannot start; the message is one sentence that says what to do."""


def check_folder(folder: Path) -> None:
    """Check that `folder` exists and is writable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The database, files and Redis's socket are private to this user.
        with suppress(PermissionError):  # a folder that somebody else set up on purpose
            folder.chmod(0o700)
        (folder / "logs").mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reasons = {
            errno.EROFS: "it lies on a file system that is mounted read-only",
            errno.EACCES: "its permissions do not let this user write there",
            errno.EPERM: "its permissions do not let this user write there",
            errno.ENOSPC: "the disk is full",
            errno.EEXIST: "there is a file in its place",
            errno.ENOTDIR: "there is a file in its place",
        }
        reason = reasons.get(error.errno or 0, error.strerror)
        raise LaunchError(
            f"Sophora keeps everything in {folder} and cannot write there: {reason}. Change that, or name another folder: "
            "SOPHORA_DATA_DIR=/path/to/folder script/run"
        ) from None


def check_disk(folder: Path) -> None:
    free = shutil.disk_usage(folder).free // 2**20
    if free < MINIMUM_FREE_MB:
        raise LaunchError(
            f"The disk is full: {free} MB are free in {folder}, Sophora needs {MINIMUM_FREE_MB}. Please make room."
        )


def take_folder(folder: Path, address: str) -> IO[str]:
    """Lock `folder` for as long as the returned file stays open: a crash leaves no lock behind."""
    lock = (folder / "sophora.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        owner = lock.read().strip() or "another process"
        lock.close()
        raise LaunchError(
            f"Sophora runs in {folder} already ({owner}). Stop that one first, or name another folder: "
            "SOPHORA_DATA_DIR=/path/to/folder script/run"
        ) from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, {address}")
    lock.flush()
    return lock


def listen(host: str, port: int) -> socket.socket:
    """A listening socket: readers may connect from now on, and wait until the web server accepts them."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise LaunchError(
            f"{host} is no address of this machine ({error}). Most want 127.0.0.1 or 0.0.0.0."
        ) from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            sentence = f"Port {port} is in use ({error.strerror}). Stop what uses it, or choose another: script/run --port {port + 1}"
        elif error.errno == errno.EACCES:
            sentence = f"This user may not open port {port} ({error.strerror}). Choose one above 1023: script/run --port 8000"
        else:
            sentence = f"Sophora cannot listen on {host}, port {port}: {error.strerror}. Most want --host 127.0.0.1 or 0.0.0.0."
        raise LaunchError(sentence) from None
    return listener
