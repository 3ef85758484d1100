"""The one face of the command line: mounts the verbs that training/, models/ and app/ declare."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial

import app.__main__ as online
import app.doctor
import models.__main__ as releases
import models.doctor
import training.__main__ as offline
import training.doctor
from models.errors import KindredError
from models.stop import Stopped, heeded
from training import EXTRAS
from training.errors import GateError

_FILES, _FOLDERS = ("FILE", "PATH", "RATINGS"), ("DIR",)


def parser() -> argparse.ArgumentParser:
    """All verbs with their options."""
    made = argparse.ArgumentParser(prog="kindred", description="People who loved this, what else is like it?")
    verbs = made.add_subparsers(title="verbs", metavar="VERB", required=True)
    offline.register(verbs, {"static": online.export_static})
    releases.register(verbs)
    online.register(verbs)
    looks = (training.doctor.extras, training.doctor.java, training.doctor.data, app.doctor.service)
    models.doctor.register(verbs, looks)
    completion = verbs.add_parser(
        "completion",
        help="print what makes a shell complete verbs, options and files",
        **releases.examples('eval "$(kindred completion bash)"', "kindred completion fish"),
    )
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    releases.add_json_option(completion)
    completion.set_defaults(run=partial(_completion, made))
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Returns:
        0 ok, 1 failed, 2 usage, 3 quality gate refused.
    """
    options = parser().parse_args(arguments)
    try:
        # SIGTERM is a service manager's polite stop: temporary files go as they do with Ctrl-C
        with heeded():
            code: int = options.run(options)
            sys.stdout.flush()
    except KindredError as error:
        print(f"kindred: {releases.harmless(str(error))}", file=sys.stderr)
        return 3 if isinstance(error, GateError) else 1
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        print(f"kindred: {error.name} is not installed: pip install 'kindred[{extra}]'", file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print("kindred: stopped", file=sys.stderr)
        return 128 + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)
    except BrokenPipeError:
        # Python writes what is left when it ends: let it go nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _completion(whole: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print a shell's completion; what an option's value is called tells whether it is a file."""
    import shtab

    verbs = next(action for action in whole._actions if isinstance(action, argparse._SubParsersAction))
    for verb in verbs.choices.values():
        for action in verb._actions:
            if action.metavar in _FILES:
                action.complete = shtab.FILE
            elif action.metavar in _FOLDERS:
                action.complete = shtab.DIRECTORY
    script = shtab.complete(whole, options.shell)
    return releases.show(options, {"shell": options.shell, "script": script}, script)


if __name__ == "__main__":
    raise SystemExit(main())
