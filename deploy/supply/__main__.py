"""`python -m deploy.supply audit | wheel`: what `make audit` and `make wheel` run, from the root of the repository."""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.supply import licences, vulnerabilities
from deploy.supply.pins import Pin, SupplyError, locks, read
from deploy.supply.wheel import build_commit

ROOT = Path(__file__).parents[2]
# peers of the bench live in environments of their own, on machines that measure, and are never handed on
_PEER = "bench-"


def main(arguments: Sequence[str] | None = None) -> int:
    """0: all is well; 1: something is not, or could not be looked at."""
    parser = argparse.ArgumentParser(prog="python -m deploy.supply", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    audit = verbs.add_parser("audit", help="known vulnerabilities and licences of all that is pinned")
    audit.add_argument("--locks", type=Path, default=ROOT / "requirements", metavar="DIR", help="where locks are")
    audit.add_argument("--service", metavar="URL", help="another OSV service of known vulnerabilities")
    audit.add_argument("--offline", action="store_true", help="licences only, where no such service can be reached")
    audit.set_defaults(run=_audit)
    wheel = verbs.add_parser("wheel", help="build a commit; the same commit, the same bytes")
    wheel.add_argument("--commit", default="HEAD", metavar="COMMIT")
    wheel.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR")
    wheel.set_defaults(run=_wheel)
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
    except SupplyError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return code


def _audit(options: argparse.Namespace) -> int:
    files = locks(options.locks)
    pins = [pin for lock in files for pin in read(lock)]
    print(f"{len(files)} locks, {len({(pin.name, pin.version) for pin in pins})} versions of packages")
    code = _verdict("licences", _licences(pins))
    if options.offline:
        print("vulnerabilities: NOT LOOKED UP (--offline)")
        return code
    try:
        return max(code, _verdict("vulnerabilities", vulnerabilities.problems(pins, options.service)))
    except SupplyError as error:
        print(f"vulnerabilities: NOT LOOKED UP: {error}. --offline does without.", file=sys.stderr)
        return 1


def _licences(pins: list[Pin]) -> list[str]:
    policy, here = licences.read_policy(), licences.installed()
    found = licences.problems([pin for pin in pins if not pin.lock.startswith(_PEER)], here, policy)
    for peer in sorted({pin.lock for pin in pins if pin.lock.startswith(_PEER)}):
        folders = [
            str(path) for path in ROOT.glob(f"bench/.venv-{peer.removeprefix(_PEER)}/lib/python3.*/site-packages")
        ]
        if folders:
            there = licences.installed(folders)
            found += licences.problems([pin for pin in pins if pin.lock == peer and pin.name in there], there, policy)
        else:
            print(f"licences: those of {peer} not looked at, for they are not installed here")
    return found


def _verdict(what: str, found: list[str]) -> int:
    for line in found:
        print(f"{what}: {line}", file=sys.stderr)
    print(f"{what}: {len(found)} to mend" if found else f"{what}: none to mend")
    return int(bool(found))


def _wheel(options: argparse.Namespace) -> int:
    wheel = build_commit(ROOT, options.commit, options.out)
    print(f"{hashlib.sha256(wheel.read_bytes()).hexdigest()}  {wheel}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
