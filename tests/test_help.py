"""Every verb's help: examples that are understood as they stand, and defaults that are told."""

import argparse
import re
import shlex

import pytest

import kindred

# what stands for the value in words
IN_WORDS = {"--method": "all three", "--workers": "all cores", "--port": "8000", "--models": "models/store"}


def verbs_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


VERBS = verbs_of(kindred.parser())


def examples_of(verb: argparse.ArgumentParser) -> list[str]:
    head, *lines = (verb.epilog or "").splitlines()
    assert head == "examples:"
    assert all(line.startswith("  ") for line in lines)
    return [line.strip() for line in lines]


def words_of(example: str) -> list[str]:
    """The words of the command, in `eval "$(...)"` or by itself."""
    inner = re.fullmatch(r'eval "\$\((.+)\)"', example)
    return shlex.split(inner[1] if inner else example)


@pytest.mark.parametrize("verb", VERBS)
def test_every_example_is_understood(verb: str) -> None:
    lines = examples_of(VERBS[verb])
    assert 1 <= len(lines) <= 5
    assert len(set(lines)) == len(lines)
    for line in lines:
        program, named, *_ = words = words_of(line)
        assert (program, named) == ("kindred", verb)
        # a fault ends the test by SystemExit
        options = kindred.parser().parse_args(words[1:])
        assert callable(options.run)


def test_an_example_that_is_no_longer_right_is_found() -> None:
    with pytest.raises(SystemExit):
        kindred.parser().parse_args(words_of("kindred prune --leave 5")[1:])


@pytest.mark.parametrize("verb", VERBS)
def test_help_shows_the_examples_and_tells_every_default(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        kindred.main([verb, "--help"])
    shown = capsys.readouterr().out
    assert all(line in shown.splitlines() for line in (f"  {example}" for example in examples_of(VERBS[verb])))
    for action in VERBS[verb]._actions:
        if not action.option_strings or action.default in (None, False, argparse.SUPPRESS, []):
            continue
        flag, told = action.option_strings[0], str(action.help)
        assert str(action.default) in told or IN_WORDS.get(flag, "?") in told, f"{verb} {flag}: {told}"


def test_the_presets_own_values_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        kindred.main(["train", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for told in ("(64; lesson: 10)", "(5; lesson: 0)", "(20; lesson: 10)", "return parameter (2.0)"):
        assert told in shown
