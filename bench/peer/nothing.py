"""The least that FastAPI and uvicorn need to answer: `nothing.py PORT`."""

import sys

import uvicorn
from fastapi import FastAPI, Response

app = FastAPI()


@app.get("/similar/{movie_id}")
async def similar(movie_id: str) -> Response:
    """Two bytes, whatever the movie."""
    del movie_id
    return Response(b"{}", media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
