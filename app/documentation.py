"""The page at /docs: Swagger UI, which is the one thing here that comes from elsewhere, and only from there."""

import re
from base64 import b64encode
from hashlib import sha256

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_SCRIPT = re.compile(r'<script src="(https://[^"]+)"')
_STYLE = re.compile(r'<link [^>]*rel="stylesheet" href="(https://[^"]+)"')
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def page() -> HTMLResponse:
    """FastAPI's page, our icon, and a policy that lets in what the page names and its own script, unchanged."""
    # relative, so that it works behind a prefix
    answer = get_swagger_ui_html(
        openapi_url="openapi.json", title="Kindred - Swagger UI", swagger_favicon_url="ui/icon.svg"
    )
    html = bytes(answer.body).decode("utf-8")
    scripts = " ".join([*_SCRIPT.findall(html), *(f"'sha256-{_digest(script)}'" for script in _INLINE.findall(html))])
    styles = " ".join(_STYLE.findall(html))
    answer.headers["content-security-policy"] = (
        f"default-src 'none'; script-src {scripts}; style-src {styles} 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return answer


@router.api_route("/docs", methods=["GET", "HEAD"])
async def docs() -> HTMLResponse:
    """The page."""
    return page()


def _digest(script: str) -> str:
    return b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
