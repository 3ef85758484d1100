"""Everything a page does that nobody should see: errors, failed requests, requests to elsewhere, dialogs."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Request, Response

_LOAD = "Failed to load resource"


class Guard:
    """What went wrong on a page, in the order it was seen.

    Attributes:
        requested: the address of every request.
        problems: what no test has allowed.
    """

    def __init__(self, page: "Page", base: str) -> None:
        """Watch from now on; `base`: below it all requests must stay."""
        self._base = base.rstrip("/") + "/"
        self._allowed: list[tuple[str, int]] = []
        self._words: list[str] = []
        self.requested: list[str] = []
        self.problems: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("requestfailed", self._failed)
        page.on("popup", lambda popup: self.problems.append(f"popup: {popup.url}"))

    def allow(self, status: int, pattern: str) -> None:
        """Let answers of this status pass where `pattern` is found in the address; status 0: no answer at all."""
        self._allowed.append((pattern, status))

    def allow_words(self, pattern: str) -> None:
        """Let errors on the console pass in which `pattern` is found."""
        self._words.append(pattern)

    def _may(self, url: str, status: int | None = None) -> bool:
        return any(re.search(pattern, url) and status in (None, known) for pattern, known in self._allowed)

    def _console(self, message: "ConsoleMessage") -> None:
        if message.type not in ("error", "warning", "assert"):
            return
        if message.text.startswith(_LOAD) and self._may(message.location["url"]):
            return
        if any(re.search(pattern, message.text) for pattern in self._words):
            return
        self.problems.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _dialog(self, dialog: "object") -> None:
        self.problems.append(f"dialog: {dialog.message}")  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    def _request(self, request: "Request") -> None:
        self.requested.append(request.url)
        if not request.url.startswith((self._base, "data:", "blob:" + self._base)):
            self.problems.append(f"request to elsewhere: {request.url}")

    def _response(self, response: "Response") -> None:
        if response.status >= 400 and not self._may(response.url, response.status):
            self.problems.append(f"answer {response.status}: {response.url}")

    def _failed(self, request: "Request") -> None:
        # whoever leaves a view no longer waits for its answers
        left = request.failure == "net::ERR_ABORTED" and request.resource_type == "fetch"
        if not left and not self._may(request.url, 0):
            self.problems.append(f"failed: {request.url}: {request.failure}")
