"""The verbs about releases: versions, promote, rollback, diff, prune."""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from models.camel import camel_keys
from models.diff import diff
from models.difftext import describe
from models.errors import ReleaseError
from models.opening import open_registry, place

DEFAULT_FOLDER = Path("models/store")
# control characters but for line ends and tabs, and those that turn the direction of writing
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare this room's verbs."""
    versions = verbs.add_parser(
        "versions", help="list the releases, the live one marked", **examples("kindred versions --models /srv/kindred")
    )
    versions.set_defaults(run=_versions)
    promote = verbs.add_parser(
        "promote", help="make a release the live one", **examples("kindred promote 20261124T171605Z-4d0b168d")
    )
    promote.add_argument("version", metavar="ID")
    promote.set_defaults(run=_promote)
    rollback = verbs.add_parser(
        "rollback", help="go back to the release that was live before", **examples("kindred rollback --json")
    )
    rollback.set_defaults(run=_rollback)
    compare = verbs.add_parser(
        "diff",
        help="two releases side by side: numbers, settings, films, neighbours",
        **examples("kindred diff previous current", "kindred diff 20261124 20261125T0254 --json"),
    )
    for side, text in (("before", "an id, the beginning of one, current or previous"), ("after", "the same")):
        compare.add_argument(side, metavar="A" if side == "before" else "B", help=text)
    compare.set_defaults(run=_diff)
    prune = verbs.add_parser(
        "prune", help="remove old releases, never the live one", **examples("kindred prune --keep 5")
    )
    prune.add_argument("--keep", type=int, required=True, metavar="N", help="how many of the newest to keep")
    prune.set_defaults(run=_prune)
    for parser in (versions, promote, rollback, compare, prune):
        add_models_option(parser)
        add_json_option(parser)


def add_models_option(parser: argparse.ArgumentParser) -> None:
    """`--models DIR`, the same for every verb: the folder the releases live in, or the address of one."""
    default = place(os.environ.get("KINDRED_MODELS") or DEFAULT_FOLDER)
    parser.add_argument(
        "--models",
        type=place,
        default=default,
        metavar="DIR",
        help=f"folder of the releases, or s3://.., gs://.. (KINDRED_MODELS, else {DEFAULT_FOLDER})",
    )


def examples(*lines: str) -> dict[str, Any]:
    """What `add_parser` is given to show these command lines below a verb's options; a test reads each of them."""
    epilog = "\n".join(["examples:", *(f"  {line}" for line in lines)])
    return {"epilog": epilog, "formatter_class": argparse.RawDescriptionHelpFormatter}


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """`--json`, the same for every verb."""
    parser.add_argument("--json", action="store_true", help="print JSON on stdout")


def show(options: argparse.Namespace, value: Any, text: str) -> int:
    """Print the data of a verb on stdout, as JSON with camelCase keys or as text; the exit code of success.

    Titles and ids are anybody's: what a terminal would obey is shown by its number.
    """
    if options.json:
        text = json.dumps(camel_keys(value), ensure_ascii=False)
    print(harmless(text), file=sys.stdout)
    return 0


def harmless(text: str) -> str:
    """What a terminal may be shown of anybody's words."""
    return _OBEYED.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _versions(options: argparse.Namespace) -> int:
    registry = open_registry(options.models)
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
    open_registry(options.models).promote(options.version)
    return show(options, {"current": options.version}, options.version)


def _rollback(options: argparse.Namespace) -> int:
    version = open_registry(options.models).rollback()
    return show(options, {"current": version}, version)


def _diff(options: argparse.Namespace) -> int:
    registry = open_registry(options.models)
    before, after = (registry.load(registry.find(name)) for name in (options.before, options.after))
    found = diff(before, after)
    return show(options, found, describe(found))


def _prune(options: argparse.Namespace) -> int:
    registry = open_registry(options.models)
    pruned = registry.prune(options.keep)
    for version in pruned.in_use:
        print(f"kindred: {version} kept: it is in use", file=sys.stderr)
    facts = {"removed": pruned.removed, "in_use": pruned.in_use, "kept": registry.versions()}
    return show(options, facts, "\n".join(pruned.removed) or "nothing to remove")
