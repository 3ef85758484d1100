"""GET / and /ui/{file}: files read once, sent with headers that let nothing else in."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.answer import OVERHEAD
from app.explorer import FOLDER, INDEX, File, answers_of, read_files
from app.settings import Settings
from tests.headers import own

MOST_BYTES = 150_000
SECURITY = {
    "cache-control": "no-cache",
    "vary": "accept-encoding",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
}
SERVED = {
    INDEX: (b"<!doctype html><html lang=en><title>x", "text/html; charset=utf-8"),
    "main.js": (b"export const one = '\xc3\xbc';\n" * 99, "text/javascript"),
    "base.css": (b":root { --ink: #000 }", "text/css"),
    "icon.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
}
STRAY = ("main.js~", ".hidden.js", "README.md", "notes.txt", "Main.js", "x.map", "js", "main.js.bak", "a b.js")
Serve = Callable[[Settings], AbstractContextManager[TestClient]]


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of the explorer, and what may lie beside them."""
    folder = tmp_path_factory.mktemp("ui")
    for name, (body, _) in SERVED.items():
        (folder / name).write_bytes(body)
    for name in STRAY:
        (folder / name).write_bytes(b"secret")
    (folder / "more.js").mkdir()
    (folder / "more.js" / "main.js").write_bytes(b"secret")
    return folder


@pytest.fixture(scope="module", params=["with a release", "without"])
def page(request: pytest.FixtureRequest, ui: Path, folder: Path, serve: Serve) -> Iterator[TestClient]:
    """The service over these files."""
    files = read_files(ui)
    models = folder if request.param == "with a release" else ui / "none"
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("app.explorer.read_files", lambda: files)
            client = stack.enter_context(serve(Settings(models=models)))
        client.headers["accept-encoding"] = "identity"
        yield client


def address(name: str) -> str:
    return "/" if name == INDEX else f"/ui/{name}"


@pytest.mark.parametrize("name", SERVED)
def test_a_file_as_it_is_with_its_type(page: TestClient, name: str) -> None:
    answer = page.get(address(name))
    body, content_type = SERVED[name]
    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["content-type"] == content_type
    assert answer.headers["content-length"] == str(len(body))
    assert SECURITY.items() <= dict(answer.headers).items()
    assert page.get(address(name) + "?v=1").content == body


@pytest.mark.parametrize("name", SERVED)
def test_the_page_alone_may_load_anything(page: TestClient, name: str) -> None:
    policy = page.get(address(name)).headers["content-security-policy"]
    assert set(policy.split("; ")) == (POLICY if name == INDEX else {"default-src 'none'", "frame-ancestors 'none'"})


@pytest.mark.parametrize("name", SERVED)
def test_who_has_it_gets_304(page: TestClient, name: str) -> None:
    whole = page.get(address(name))
    tag = whole.headers["etag"]
    assert tag[0] == tag[-1] == '"'
    again = page.get(address(name), headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    kept = {header for header in whole.headers if not header.startswith("content-") or "policy" in header}
    assert set(again.headers) == kept
    assert page.get(address(name), headers={"if-none-match": '"other"'}).content == whole.content


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize("sent", ["gzip", "br, GZIP ;q=0.5, identity", "deflate,gzip; q=1.000", "x, gzip"])
def test_who_can_unpack_gets_less(page: TestClient, name: str, sent: str) -> None:
    whole = page.get(address(name))
    asked = {"accept-encoding": sent}
    with page.stream("GET", address(name), headers=asked) as answer:
        packed = b"".join(answer.iter_raw())
    assert gzip.decompress(packed) == whole.content
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(packed))
    assert answer.headers["content-type"] == whole.headers["content-type"]
    assert answer.headers["etag"] != whole.headers["etag"]
    assert SECURITY.items() <= dict(answer.headers).items()
    again = page.get(address(name), headers=asked | {"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content, "content-encoding" in again.headers) == (304, b"", False)
    # what the one has says nothing of the other
    assert page.get(address(name), headers={"if-none-match": answer.headers["etag"]}).content == whole.content
    head = page.head(address(name), headers=asked)
    assert (head.content, own(head.headers)) == (b"", own(answer.headers))


@pytest.mark.parametrize("sent", ["identity", "", "br", "gzip;q=0", "gzip; q=0.00 , br", "x-gzip", "gzipped", "*"])
def test_who_cannot_gets_it_as_it_is(page: TestClient, sent: str) -> None:
    answer = page.get("/ui/main.js", headers={"accept-encoding": sent})
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == str(len(SERVED["main.js"][0]))


def test_files_have_tags_of_their_own(page: TestClient) -> None:
    assert len({page.get(address(name)).headers["etag"] for name in SERVED}) == len(SERVED)


@pytest.mark.parametrize("name", SERVED)
def test_head_has_the_headers_of_get(page: TestClient, name: str) -> None:
    whole, head = page.get(address(name)), page.head(address(name))
    assert (head.status_code, head.content, own(head.headers)) == (200, b"", own(whole.headers))


@pytest.mark.parametrize(
    "path",
    [
        *(f"/ui/{name}" for name in STRAY),
        f"/ui/{INDEX}",  # its addresses are relative to /
        f"/{INDEX}",
        "/ui",
        "/ui/",
        "/ui/more.js",
        "/ui/more.js/main.js",
        "/ui/../explorer.py",
        "/ui/..%2fexplorer.py",
        "/ui/%2e%2e%2fexplorer.py",
        "/ui/..%5cexplorer.py",
        "/ui/main.js%00",
        "/ui/main.js/",
        "/ui//main.js",
        "/ui/%2fetc%2fpasswd",
        "/ui/MAIN.JS",
    ],
)
def test_nothing_else_is_served(page: TestClient, path: str) -> None:
    answer = page.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert b"secret" not in answer.content


def test_what_is_served_is_what_was_there_at_the_start(page: TestClient, ui: Path) -> None:
    (ui / "main.js").write_bytes(b"changed")
    try:
        assert page.get("/ui/main.js").content == SERVED["main.js"][0]
    finally:
        (ui / "main.js").write_bytes(SERVED["main.js"][0])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_files_are_only_read(page: TestClient, method: str) -> None:
    for path in ("/", "/ui/main.js"):
        answer = page.request(method, path)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_the_page_is_no_part_of_the_documentation(page: TestClient) -> None:
    paths = page.get("/openapi.json").json()["paths"]
    assert not [path for path in paths if path == "/" or path.startswith("/ui")]


def test_a_service_without_the_files_answers_all_else(folder: Path, tmp_path: Path, serve: Serve) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.explorer.read_files", lambda: read_files(tmp_path))
        with serve(Settings(models=folder)) as client:
            assert client.get("/").status_code == 404
            assert client.get("/similar/592").status_code == 200


def test_the_explorer_s_own_files_are_all_served_and_small(folder: Path, serve: Serve) -> None:
    files = read_files()
    assert INDEX in files
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(files)
    with serve(Settings(models=folder)) as client:
        for name, body in files.items():
            answer = client.get(address(name))
            assert (answer.status_code, answer.content) == (200, body)
    # as it goes over the wire
    sent = {name: File(name, body).packed.size - OVERHEAD for name, body in files.items() if name[-4:] != "html"}
    assert sum(sent.values()) < MOST_BYTES, sent


def test_a_name_is_no_path() -> None:
    assert all("/" not in name and "\\" not in name for name in answers_of(read_files()))
