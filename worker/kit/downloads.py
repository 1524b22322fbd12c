"""Source files of data sets that only Debian has as a package: downloaded once, at set-up or at the first training.

apt-get asks the mirrors that the machine is set up with, and needs no rights for it: nothing is installed.
"""

import subprocess
import tempfile
from pathlib import Path

from app.recipes.dataset import Dataset, DatasetError, SourceFile

PATIENCE = 300.0  # seconds


def download(dataset: Dataset, file: SourceFile) -> None:
    """Raises DatasetError with what to do. The file's checksum is the caller's to check."""
    assert file.package
    file.path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.path.parent) as name:
        folder = Path(name)
        try:
            answer = _apt(folder, "download", file.package)
            if answer.returncode:  # there are no lists of packages, or old ones
                own = _own_lists(folder)
                _apt(folder, *own, "update")
                answer = _apt(folder, *own, "download", file.package)
            (folder / file.path.name).replace(file.path)  # atomically: two processes may download it at once
        except FileNotFoundError as error:
            why = "there is no apt-get" if error.filename == "apt-get" else _last_line(answer.stderr)
            raise DatasetError(_sentence(dataset, file, why)) from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DatasetError(_sentence(dataset, file, str(error))) from None


def _apt(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["apt-get", "-q", *arguments], cwd=folder, capture_output=True, text=True, timeout=PATIENCE
    )


def _own_lists(folder: Path) -> list[str]:
    """Options for lists of packages in `folder`: those of the system are root's."""
    for each in ("lists/partial", "cache/archives/partial"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    options = (f"Dir::State::Lists={folder}/lists", f"Dir::Cache={folder}/cache", "APT::Sandbox::User=root")
    return [word for option in options for word in ("-o", option)]


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2] or "another version is offered"


def _sentence(dataset: Dataset, file: SourceFile, why: str) -> str:
    return (
        f"{dataset.title.en}: Debian's package {file.package} could not be downloaded ({why}); "
        f"run script/setup again, or put {file.path.name} into {file.path.parent}."
    )
