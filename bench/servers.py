"""The services ours is measured against, each as people write it: `python -m bench.servers NAME STORE PORT`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from starlette.applications import Starlette
from starlette.routing import Route

from bench.wire import LIMIT, Answer, answer
from models import Registry


def raw(store: Path) -> Any:
    """No framework: a look-up in a dictionary of bytes, the ASGI protocol by hand."""
    bodies = _bodies(store)
    headers = {key: [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
               for key, body in bodies.items()}  # fmt: skip

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        key = scope["path"][9:]
        body = bodies.get(key)
        if body is None:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers[key]})
        await send({"type": "http.response.body", "body": body})

    return app


def starlette(store: Path) -> Any:
    """A Starlette route that returns ready bytes."""
    bodies = _bodies(store)

    async def similar(request: Request) -> Response:
        body = bodies.get(request.path_params["movie_id"])
        return Response(status_code=404) if body is None else Response(body, media_type="application/json")

    return Starlette(routes=[Route("/similar/{movie_id}", similar)])


def ready(store: Path) -> Any:
    """A FastAPI route that returns ready bytes."""
    app, bodies = FastAPI(), _bodies(store)

    @app.get("/similar/{movie_id}")
    async def similar(movie_id: str) -> Response:
        if movie_id not in bodies:
            raise HTTPException(404)
        return Response(bodies[movie_id], media_type="application/json")

    return app


def pydantic(store: Path) -> Any:
    """A FastAPI route with a response model, filled from the neighbours stored in the release."""
    app, release = FastAPI(), Registry(store).load()
    model, row_of = release.models["item2vec"], release.catalogue.row_of

    @app.get("/similar/{movie_id}")
    async def similar(movie_id: str) -> Answer:
        if movie_id not in row_of:
            raise HTTPException(404)
        row = row_of[movie_id]
        found = zip(model.neighbour_rows[row, :LIMIT].tolist(), model.neighbour_scores[row, :LIMIT], strict=True)
        return answer(release, row, [(other, float(f"{score:.6g}")) for other, score in found])

    return app


def gensim(store: Path) -> Any:
    """What the tutorials do: FastAPI, and Gensim's most_similar in the handler."""
    from gensim.models import KeyedVectors

    app, release = FastAPI(), Registry(store).load()
    row_of = release.catalogue.row_of
    keyed = KeyedVectors(release.models["item2vec"].dimension)
    keyed.add_vectors(list(release.catalogue.ids), np.array(release.models["item2vec"].vectors))

    @app.get("/similar/{movie_id}")
    async def similar(movie_id: str) -> Answer:
        if movie_id not in keyed:
            raise HTTPException(404)
        found = keyed.most_similar(movie_id, topn=LIMIT)
        return answer(release, row_of[movie_id], [(row_of[key], score) for key, score in found])

    return app


PEERS: dict[str, Callable[[Path], Any]] = {
    "raw": raw,
    "starlette": starlette,
    "ready": ready,
    "pydantic": pydantic,
    "gensim": gensim,
}


def _bodies(store: Path) -> dict[str, bytes]:
    content, bounds = (store / "bodies.bin").read_bytes(), np.load(store / "bounds.npy").tolist()
    ids = Registry(store).load().catalogue.ids
    return {key: content[low:high] for key, low, high in zip(ids, bounds, bounds[1:], strict=False)}


if __name__ == "__main__":
    name, folder, port = sys.argv[1:]
    uvicorn.run(PEERS[name](Path(folder)), host="127.0.0.1", port=int(port), access_log=False, log_level="warning")
