"""Nothing runs but what the service sends, and nothing is asked of anybody else."""

import re
import urllib.request
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.browser.explorer import Explorer, until

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
AWAY = "http://127.0.0.1:9/"
RUN = "window.ran = 1"
# what somebody may get into the page, as scripts of ours would do it for them
TRIES = {
    "a script in the page": f"put('script', {{ textContent: '{RUN}' }});",
    "an event attribute": f"const b = put('b', {{}}); b.setAttribute('onclick', '{RUN}'); b.click();",
    "markup": f"put('div', {{ innerHTML: '<img src=ui/none.png onerror=\"{RUN}\">' }});",
    "a text as code": f"setTimeout('{RUN}');",
    "a script from elsewhere": f"put('script', {{ src: '{AWAY}' }});",
    "a style in the page": "put('style', { textContent: 'h1 { color: red }' });",
    "an answer from elsewhere": f"fetch('{AWAY}').catch(() => 0);",
    "a form": f"put('form', {{ action: '{AWAY}' }}).submit();",
    "a frame": f"put('iframe', {{ src: '{AWAY}' }});",
}
PUT = """const put = (tag, its) => {
  const element = Object.assign(document.createElement(tag), its);
  document.body.append(element);
  return element;
};"""


class Inline(HTMLParser):
    """Collects what a strict policy would not let run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in named):
            self.found.append(tag)
        self.found += [name for name in named if name == "style" or name.startswith("on")]
        self.loaded += [value for name, value in attributes if name in ("src", "href") and value]


@pytest.mark.parametrize("path", ["", "ui/main.js", "ui/base.css", "ui/icon.svg"])
def test_every_file_comes_with_its_headers(explorer: Explorer, path: str) -> None:
    with urllib.request.urlopen(explorer.base + path, timeout=10) as answer:
        headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-cache"
    assert headers["etag"].startswith('"')
    if not path:
        assert {part.strip() for part in headers["content-security-policy"].split(";")} == POLICY


def test_the_page_holds_no_script_and_no_style_of_its_own(explorer: Explorer) -> None:
    with urllib.request.urlopen(explorer.base, timeout=10) as answer:
        text = answer.read().decode()
    page = Inline()
    page.feed(text)
    assert page.found == []
    assert [address for address in page.loaded if address.startswith(("/", "http", "javascript", "data"))] == []
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', text)
    assert {part.strip() for part in policy.split(";")} == POLICY - {"frame-ancestors 'none'"}


@pytest.mark.parametrize("name", TRIES)
def test_what_is_put_into_the_page_does_not_run(explorer: Explorer, name: str) -> None:
    explorer.guard.allow_words("Content Security Policy|Refused to|violates the following")
    explorer.guard.allow(404, "ui/none.png")
    explorer.guard.allow(0, AWAY)
    explorer.open()
    explorer.page.evaluate("addEventListener('securitypolicyviolation', () => { window.refused = true; })")
    explorer.page.evaluate(f"() => {{ {PUT} {TRIES[name]} }}")
    until(explorer.page, lambda: explorer.page.evaluate("window.refused"), f"{name} is refused")
    assert explorer.page.evaluate("window.ran") is None
    explorer.guard.problems = [one for one in explorer.guard.problems if AWAY not in one]


def test_all_script_and_style_is_small_and_ours(site: str) -> None:
    sent = 0
    for path in (Path(__file__).parents[2] / "app" / "ui").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path
        )
        assert set(re.findall(r"https?://[^\s\"'`)]+", text)) <= {"http://www.w3.org/2000/svg"}, path
        if path.suffix in (".js", ".css"):
            asked = urllib.request.Request(f"{site}/ui/{path.name}", headers={"accept-encoding": "gzip"})
            with urllib.request.urlopen(asked, timeout=10) as answer:
                sent += len(answer.read())
    assert sent < 150_000
