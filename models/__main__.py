"""The verbs about releases: versions, promote, rollback, diff, prune."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from models.camel import camel_keys
from models.diff import diff
from models.difftext import describe
from models.errors import ReleaseError
from models.registry import Registry

DEFAULT_FOLDER = Path("models/store")


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare this room's verbs."""
    versions = verbs.add_parser("versions", help="list the releases, the live one marked")
    versions.set_defaults(run=_versions)
    promote = verbs.add_parser("promote", help="make a release the live one")
    promote.add_argument("version", metavar="ID")
    promote.set_defaults(run=_promote)
    rollback = verbs.add_parser("rollback", help="go back to the release that was live before")
    rollback.set_defaults(run=_rollback)
    compare = verbs.add_parser("diff", help="two releases side by side: numbers, settings, films, neighbours")
    for side, text in (("before", "an id, the beginning of one, current or previous"), ("after", "the same")):
        compare.add_argument(side, metavar="A" if side == "before" else "B", help=text)
    compare.set_defaults(run=_diff)
    prune = verbs.add_parser("prune", help="remove old releases, never the live one")
    prune.add_argument("--keep", type=int, required=True, metavar="N", help="how many of the newest to keep")
    prune.set_defaults(run=_prune)
    for parser in (versions, promote, rollback, compare, prune):
        add_models_option(parser)
        add_json_option(parser)


def add_models_option(parser: argparse.ArgumentParser) -> None:
    """`--models DIR`, the same for every verb: the folder the releases live in."""
    default = Path(os.environ.get("KINDRED_MODELS") or DEFAULT_FOLDER)
    parser.add_argument(
        "--models",
        type=Path,
        default=default,
        metavar="DIR",
        help=f"folder of the releases (KINDRED_MODELS, else {DEFAULT_FOLDER})",
    )


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """`--json`, the same for every verb."""
    parser.add_argument("--json", action="store_true", help="print JSON on stdout")


def show(options: argparse.Namespace, value: Any, text: str) -> int:
    """Print the data of a verb on stdout, as JSON with camelCase keys or as text; the exit code of success."""
    print(json.dumps(camel_keys(value), ensure_ascii=False) if options.json else text, file=sys.stdout)
    return 0


def _versions(options: argparse.Namespace) -> int:
    registry = Registry(options.models)
    now = registry.current()
    rows = []
    for version in registry.versions():
        try:
            manifest = registry.manifest(version)
        except ReleaseError as error:
            # one that is damaged must not hide those that one could go back to
            print(f"kindred: {version}: {error}", file=sys.stderr)
            continue
        rows.append(
            {
                "id": version,
                "createdAt": manifest.created_at,
                "current": version == now,
                "models": list(manifest.settings),
                "bytes": sum(described["bytes"] for described in manifest.files.values()),
            }
        )
    lines = [
        f"{'*' if row['current'] else ' '} {row['id']} {row['bytes'] / 1e6:9.1f} MB  {' '.join(row['models'])}"
        for row in rows
    ]
    return show(options, {"current": now, "versions": rows}, "\n".join(lines) or f"no releases in {options.models}")


def _promote(options: argparse.Namespace) -> int:
    Registry(options.models).promote(options.version)
    return show(options, {"current": options.version}, options.version)


def _rollback(options: argparse.Namespace) -> int:
    version = Registry(options.models).rollback()
    return show(options, {"current": version}, version)


def _diff(options: argparse.Namespace) -> int:
    registry = Registry(options.models)
    before, after = (registry.load(registry.find(name)) for name in (options.before, options.after))
    found = diff(before, after)
    return show(options, found, describe(found))


def _prune(options: argparse.Namespace) -> int:
    registry = Registry(options.models)
    gone = registry.prune(options.keep)
    return show(options, {"removed": gone, "kept": registry.versions()}, "\n".join(gone) or "nothing to remove")
