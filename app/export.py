"""A folder that appears whole or not at all: what an export writes, and in place of what."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from app.explorer import INDEX, read_files
from app.state import Loaded
from app.static import FORMAT, MARK, ExportError, Written, write_site
from models import Store
from models.tidy import undisturbed

# all that an export writes at the top
_OURS = {INDEX, "ui", "data"}


def export(registry: Store, out: Path, say: Callable[[str], None]) -> tuple[str, Written]:
    """Write the explorer over the live release: `out` appears whole, in place of nothing or of an earlier export.

    Returns:
        The release, and how much was written.

    Raises:
        ExportError: there is something else, or it cannot be written.
        ReleaseError: there is no release.
    """
    out = out.resolve()
    check_place(out)
    loaded = Loaded(registry.load())
    part = out.with_name(f".{out.name}.{os.getpid()}")
    written = Written(part)
    try:
        write_site(written, loaded, registry, read_files(), say)
        _replace(out, part)
    except OSError as error:
        raise ExportError(f"{out}: cannot be written: {error.strerror or error}") from error
    finally:
        with undisturbed():
            shutil.rmtree(part, ignore_errors=True)
    return loaded.release.id, written


def check_place(out: Path) -> None:
    """Refuse to write over what no export has written."""
    try:
        names = {entry.name for entry in out.iterdir()}
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise ExportError(f"{out}: expected a folder, found a file") from error
    except OSError as error:
        raise ExportError(f"{out}: cannot be read: {error.strerror}") from error
    if names and not (names <= _OURS and _is_export(out)):
        found = next(iter(sorted(names - _OURS)), f"no {MARK}")
        raise ExportError(f"{out}: expected nothing, an empty folder or an earlier export, found {found} in it")


def _is_export(folder: Path) -> bool:
    try:
        mark = json.loads((folder / MARK).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(mark, dict) and mark.get("format") == FORMAT


def _replace(out: Path, part: Path) -> None:
    if not out.exists() or not any(out.iterdir()):
        part.replace(out)
        return
    before = part.with_name(f"{part.name}.before")
    with undisturbed():
        out.rename(before)
        try:
            part.rename(out)
        except BaseException:
            before.rename(out)
            raise
        shutil.rmtree(before, ignore_errors=True)
