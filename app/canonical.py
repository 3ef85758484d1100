"""Which requests have an answer that can be kept, and what a request means, however it is spelled."""

from collections.abc import Hashable
from urllib.parse import parse_qsl

from pydantic import ValidationError

from app.queries import CompareParameters, ModelParameter, Parameters, SearchParameters, SimilarParameters

# First word of the path, and whether more follows -> the query's model, the same as the route's own (a test compares
# them). Answers of these GET routes depend on path, query and release alone. Not among them: what is about viewers, or
# about other releases.
PURE: dict[tuple[str, bool], type[Parameters]] = {
    ("similar", True): SimilarParameters,
    ("vectors", True): ModelParameter,
    ("movies", False): SearchParameters,
    ("movies", True): Parameters,
    ("explain", True): Parameters,
    ("compare", True): CompareParameters,
    ("models", False): Parameters,
    ("models", True): Parameters,
    ("catalogue", False): Parameters,
    ("map", False): ModelParameter,
}
_NAMES = {model: {field.alias for field in model.model_fields.values()} for model in PURE.values()}
_PLAIN = {model: model.model_validate({}) for model in PURE.values()}


def model_of(path: str) -> type[Parameters] | None:
    """What the query of a pure route is read into; None for all other paths.

    >>> model_of("/models/item2vec").__name__
    'Parameters'
    """
    words = path.split("/", 2)
    return PURE.get((words[1], len(words) > 2)) if len(words) > 1 else None


def read(model: type[Parameters], query: bytes) -> Parameters | None:
    """The query checked and complete, as the framework reads it; None where it has faults, which the framework tells.

    Of a parameter sent twice the last counts.
    """
    if not query:
        return _PLAIN[model]
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    unknown = [name for name, _ in pairs if name not in _NAMES[model]]
    if len(set(unknown)) < len(unknown):
        return None
    try:
        return model.model_validate(dict(pairs))
    except ValidationError:
        return None


def meaning(path: str, asked: Parameters, default_model: str) -> Hashable:
    """Equal for requests with the same answer: defaults filled in, order and encoding gone.

    The path tells which parameters there are, so that values alone are enough.
    """
    values = asked.__dict__
    if "model" in values and not values["model"]:
        values = {**values, "model": default_model}
    return (path, *values.values())
