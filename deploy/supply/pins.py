"""The pins of a lock file: one version of each package for each environment, with the hashes of its files."""

from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


class SupplyError(Exception):
    """What Kindred is made of is not what it should be, or could not be looked at."""


@dataclass(frozen=True, order=True)
class Pin:
    """One version of one package.

    Attributes:
        name: normalized, "prometheus-client".
        version: exactly, "0.26.0".
        lock: the file that says so, without its ending: "serve".
    """

    name: str
    version: str
    lock: str


def locks(folder: Path) -> list[Path]:
    """Every lock file of a folder.

    Raises:
        SupplyError: there is none.
    """
    found = sorted(folder.glob("*.lock"))
    if not found:
        raise SupplyError(f"expected lock files in {folder}, found none")
    return found


def read(lock: Path) -> list[Pin]:
    """Every pin of a lock, whatever machine or Python it is for.

    Raises:
        SupplyError: a line that is not one version of one package with its hashes, named.
    """
    pins = []
    for line in lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        text, *hashes = line.partition("#")[0].split("--hash=")
        if not text.strip():
            continue
        try:
            requirement = Requirement(text.strip())
        except InvalidRequirement as error:
            raise SupplyError(f"{lock.name}: expected name==version, found {text.strip()!r}") from error
        versions = list(requirement.specifier)
        if len(versions) != 1 or versions[0].operator != "==" or "*" in versions[0].version:
            raise SupplyError(f"{lock.name}: expected name==version, found {text.strip()!r}")
        if not hashes or not all(one.startswith("sha256:") for one in hashes):
            raise SupplyError(f"{lock.name}: expected SHA-256 hashes of {requirement.name}, found {hashes or 'none'}")
        pins.append(Pin(canonicalize_name(requirement.name), versions[0].version, lock.stem))
    return pins
