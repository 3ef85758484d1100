"""Names as JSON shows them: snake_case in the code and in manifest.json, camelCase on the wire and in `--json`."""

import re
from typing import Any

# a measure's standard error is its name with _se, whatever the measure is called
_SNAKE = re.compile(r"(?!.*_se$)[a-z0-9]+(_[a-z0-9]+)+")
_NEXT_WORD = re.compile(r"_([a-z0-9])")


def camel_keys(value: Any) -> Any:
    """The same JSON with camelCase keys; a key that is no name ("hr@10", "empty user id") or ends in _se stays.

    >>> camel_keys({"first_time": [{"hr@10_se": 0.009, "mrr_se": 0.004}]})
    {'firstTime': [{'hr@10_se': 0.009, 'mrr_se': 0.004}]}
    """
    if isinstance(value, dict):
        return {_camel(key): camel_keys(inner) for key, inner in value.items()}
    return [camel_keys(inner) for inner in value] if isinstance(value, list | tuple) else value


def _camel(key: str) -> str:
    return _NEXT_WORD.sub(lambda found: found[1].upper(), key) if _SNAKE.fullmatch(key) else key
