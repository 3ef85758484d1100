"""A Litestar route that returns ready bytes: BODIES INDEX PORT.

INDEX is JSON: [[id, ...], [where each body begins, ..., where the last ends]].
"""

import json
import sys
from pathlib import Path

import uvicorn
from litestar import Litestar, MediaType, Response, get
from litestar.exceptions import NotFoundException

content = Path(sys.argv[1]).read_bytes()
ids, bounds = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
bodies = {key: content[low:high] for key, low, high in zip(ids, bounds, bounds[1:], strict=False)}


@get("/similar/{movie_id:str}")
async def similar(movie_id: str) -> Response[bytes]:
    """What is kept for this movie."""
    if movie_id not in bodies:
        raise NotFoundException
    return Response(bodies[movie_id], media_type=MediaType.JSON)


uvicorn.run(Litestar([similar]), host="127.0.0.1", port=int(sys.argv[3]), access_log=False, log_level="warning")
