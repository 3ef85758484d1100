"""The parts of an image as CycloneDX: Python's packages by cyclonedx-py, Debian's from dpkg's own list, Python itself.

Runs while an image is built, where nothing of Kindred is installed but this file.
"""

import argparse
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

_VERSION = SchemaVersion.V1_6
Parts = list[dict[str, Any]]


def python_packages(interpreter: str) -> dict[str, Any]:
    """What cyclonedx-py finds in the environment of an interpreter; the same for the same environment."""
    # not validated: the whole is, and that takes a tenth of a second for each part
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--no-validate"]
    command += ["--spec-version", _VERSION.to_version(), interpreter]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)  # noqa: S603
    return found


def debian_packages(status: str, distribution: str) -> Parts:
    """Every installed package of dpkg's list.

    Args:
        status: the text of /var/lib/dpkg/status.
        distribution: "debian-12".
    """
    parts = []
    for stanza in status.split("\n\n"):
        lines = (line.partition(": ") for line in stanza.splitlines() if not line.startswith(" "))
        said = {key: value for key, _, value in lines}
        if said.get("Status") != "install ok installed":
            continue
        name, version, architecture = said["Package"], said["Version"], said["Architecture"]
        purl = f"pkg:deb/debian/{_quoted(name)}@{_quoted(version)}?arch={architecture}&distro={distribution}"
        parts.append({"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl})
    return parts


def python_itself(version: str) -> dict[str, Any]:
    """The interpreter, which is no package of Debian's here."""
    purl = f"pkg:generic/python@{version}"
    cpe = f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*"
    return {"type": "platform", "bom-ref": purl, "name": "python", "version": version, "cpe": cpe, "purl": purl}


def whole(image: str, version: str, environments: list[dict[str, Any]], others: Parts) -> dict[str, Any]:
    """One list of all parts; what several environments hold is there once."""
    first = environments[0]
    parts = {part["bom-ref"]: part for one in environments for part in one.get("components", [])}
    parts |= {part["bom-ref"]: part for part in others}
    needs = {need["ref"]: need for one in environments for need in one.get("dependencies", [])}
    of = {"type": "container", "bom-ref": "image", "name": image, "version": version}
    return {
        **first,
        "metadata": {**first.get("metadata", {}), "component": of},
        "components": [parts[name] for name in sorted(parts)],
        "dependencies": [needs[name] for name in sorted(needs) if name in parts],
    }


def checked(parts: dict[str, Any]) -> str:
    """The list as text.

    Raises:
        ValueError: it is not CycloneDX.
    """
    text = json.dumps(parts, indent=1)
    error = JsonStrictValidator(_VERSION).validate_str(text)
    if error is not None:
        raise ValueError(f"not CycloneDX {_VERSION.to_version()}: {error}")
    return text


def _quoted(text: str) -> str:
    return text.replace("+", "%2B").replace("~", "%7E").replace(":", "%3A")


def main() -> None:
    """Write the list of one image."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", help="its name")
    parser.add_argument("out", type=Path, help="where the list goes")
    parser.add_argument("--version", required=True, help="of the image")
    parser.add_argument("--python", action="append", required=True, metavar="PYTHON", help="an interpreter in it")
    parser.add_argument("--dpkg", type=Path, default=Path("/var/lib/dpkg/status"), metavar="FILE", help="dpkg's list")
    options = parser.parse_args()
    others = debian_packages(options.dpkg.read_text(encoding="utf-8"), _distribution())
    others.append(python_itself(platform.python_version()))
    found = whole(options.image, options.version, [python_packages(python) for python in options.python], others)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(checked(found), encoding="utf-8")


def _distribution() -> str:
    release = platform.freedesktop_os_release()
    return f"{release['ID']}-{release.get('VERSION_ID', 'testing')}"


if __name__ == "__main__":
    main()
