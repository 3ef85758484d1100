"""The verbs of the service: serve, similar, healthcheck."""

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from models import KindredError
from models.__main__ import add_json_option, add_models_option, examples, show

_DEFAULT_PORT = 8000
_HEALTH_SECONDS = 5


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare this room's verbs; what they need is imported only when one runs."""
    serve = verbs.add_parser(
        "serve",
        help="answer over HTTP",
        **examples("kindred serve", "kindred serve --host 0.0.0.0 --port 8080 --workers 4 --models /srv/kindred"),
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    serve.add_argument("--workers", type=_within(1, 1000), default=1, metavar="N", help="processes (1)")
    serve.set_defaults(run=_serve)
    similar = verbs.add_parser(
        "similar",
        help="the movies most like one movie",
        **examples("kindred similar 592", 'kindred similar "batman returns" --model node2vec --limit 5'),
    )
    similar.add_argument("movie", metavar="MOVIE_ID|TITLE")
    similar.add_argument("--model", metavar="M", help="which model (the release's default)")
    similar.add_argument("--limit", type=_within(1, 1000), default=20, metavar="N", help="how many, up to 1000 (20)")
    similar.set_defaults(run=_similar)
    health = verbs.add_parser(
        "healthcheck",
        help="exit 0 if the service on this machine is ready",
        **examples("kindred healthcheck --port 8000"),
    )
    health.set_defaults(run=_healthcheck)
    for parser in (serve, similar):
        add_models_option(parser)
    for parser in (serve, health):
        _add_port_option(parser)
    for parser in (serve, similar, health):
        add_json_option(parser)


def export_static(options: argparse.Namespace) -> int:
    """`export --format static`, which the offline room declares with its other formats."""
    from app.export import export
    from models import open_registry

    if options.model is not None:
        raise KindredError(f"--model: expected none with --format static, which has all, found {options.model!r}")
    release, written = export(open_registry(options.models), options.out, lambda text: print(text, file=sys.stderr))
    print(f"{written.files:,} files, {written.size / 1e6:,.1f} MB, release {release}", file=sys.stderr)
    facts = {"out": str(options.out), "format": options.format, "files": written.files, "bytes": written.size}
    return show(options, facts | {"release": release}, str(options.out))


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m app VERB`: 0 ok, 1 failed, 2 usage."""
    parser = argparse.ArgumentParser(prog="python -m app", description="Kindred's service.")
    register(parser.add_subparsers(title="verbs", metavar="VERB", required=True))
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
    except KindredError as error:
        print(f"kindred: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _add_port_option(parser: argparse.ArgumentParser) -> None:
    default = os.environ.get("PORT") or os.environ.get("KINDRED_PORT") or str(_DEFAULT_PORT)
    named = f"port (PORT, else KINDRED_PORT, else {_DEFAULT_PORT})"
    parser.add_argument("--port", type=_within(0, 65535), default=default, help=named)


def _within(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"expected {least}..{most}, found {value}")
        return value

    return number


def _serve(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    gc.disable()  # what a start makes stays: to look through it again and again takes a tenth of it
    try:
        from app.serve import serve

        return serve(options.models, options.host, options.port, options.workers)
    finally:
        gc.enable()


def _similar(options: argparse.Namespace) -> int:
    """Print the nearest movies."""
    from app.answers import similar_to_movie
    from app.queries import SimilarParameters
    from app.state import Loaded
    from models import open_registry

    loaded = Loaded(open_registry(options.models).load())
    asked = SimilarParameters(model=options.model, limit=options.limit)
    answer = similar_to_movie(loaded, _row_of(loaded, options.movie), asked)
    movie, model = answer.movie, answer.model
    lines = [f"{movie.movie_id}  {_title(movie)}: {model.name}, {answer.source}, release {model.release}"]
    lines += [
        f"{near.rank:>4}  {near.score:<9g} {near.movie_id:<8}  {_title(near)}  {'|'.join(near.genres)}"
        for near in answer.similar
    ]
    return show(options, answer.model_dump(by_alias=True), "\n".join(lines))


def _row_of(loaded: Any, text: str) -> int:
    """The movie of this id, else the best title."""
    from app.errors import UnknownMovieError
    from app.suggest import nearest_to

    found = loaded.catalogue.row_of.get(text)
    rows = [found] if found is not None else loaded.titles.find(text, 1).rows
    if not rows:
        raise UnknownMovieError(text, nearest_to(loaded, text))
    row: int = rows[0]
    return row


def _title(movie: Any) -> str:
    return f"{movie.title} ({movie.year})" if movie.year is not None else str(movie.title)


def _healthcheck(options: argparse.Namespace) -> int:
    """Ask the service whether it is ready; the standard library alone, for it runs every few seconds."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=_HEALTH_SECONDS)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        status, body = response.status, response.read(100_000)
    except (OSError, http.client.HTTPException) as error:
        raise KindredError(f"no answer on port {options.port}: {error!r}") from error
    finally:
        connection.close()
    answer = _parsed(body)
    show(options, {"status": status, "answer": answer}, f"{status} {answer}")
    return 0 if status == 200 else 1


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")[:200]


if __name__ == "__main__":
    raise SystemExit(main())
