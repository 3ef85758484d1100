"""The one face of the command line: mounts the verbs that training/, models/ and app/ declare."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import app.__main__ as online
import models.__main__ as releases
import training.__main__ as offline
from models.errors import KindredError
from training import EXTRAS
from training.errors import GateError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Returns:
        0 ok, 1 failed, 2 usage, 3 quality gate refused.
    """
    parser = argparse.ArgumentParser(prog="kindred", description="People who loved this, what else is like it?")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    offline.register(verbs, {"static": online.export_static})
    releases.register(verbs)
    online.register(verbs)
    options = parser.parse_args(arguments)
    # a service manager's polite stop: temporary files go as they do with Ctrl-C
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except KindredError as error:
        print(f"kindred: {error}", file=sys.stderr)
        return 3 if isinstance(error, GateError) else 1
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        print(f"kindred: {error.name} is not installed: pip install 'kindred[{extra}]'", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, _Terminated) as stop:
        print("kindred: stopped", file=sys.stderr)
        return 128 + (signal.SIGTERM if isinstance(stop, _Terminated) else signal.SIGINT)
    except BrokenPipeError:
        # Python writes what is left when it ends: let it go nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        signal.signal(signal.SIGTERM, before)
    return code


class _Terminated(BaseException):
    """SIGTERM has come; not an Exception, so that nothing takes it for a fault."""


def _terminated(*_: object) -> NoReturn:
    # once is enough: a second one would break into the tidying up
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Terminated


if __name__ == "__main__":
    raise SystemExit(main())
