"""The releases beside the one that answers: which there are, and when which went live."""

import asyncio
import logging

from pydantic import ValidationError

from app.schemas_explorer import HeldOut, ReleaseList, ReleaseSummary, ReleaseSwitch
from app.state import Loaded
from models import IntegrityError, KindredError, Manifest, Release, Store

log = logging.getLogger("kindred")

MOST = 50
# the rows that decided which model is the default: what the service answers with when nothing else is asked for
_MAIN = {"kind": "model", "task": "A", "relation": "similar"}


class Releases:
    """What a folder of releases says, read whenever it is asked for; a manifest only once, for it never changes."""

    def __init__(self, registry: Store) -> None:
        """Read nothing yet."""
        self._registry = registry
        self._reading = asyncio.Lock()
        self._known: dict[str, ReleaseSummary] = {}
        self._refused: dict[str, str] = {}

    async def listed(self, loaded: Loaded | None) -> ReleaseList:
        """The answer of GET /releases, one at a time; the disk is waited for where no other answer has to wait."""
        async with self._reading:
            return await asyncio.to_thread(self.read, loaded.release if loaded else None)

    def read(self, live: Release | None) -> ReleaseList:
        """The newest releases and the latest switches; what cannot be read is counted, and logged once."""
        try:
            versions = self._registry.versions()[: -MOST - 1 : -1]
            switches = self._registry.history()[: -MOST - 1 : -1]
        except KindredError as error:
            self._note("", str(error))
            versions, switches = [], []
        found = [summary for version in versions if (summary := self._summary(version)) is not None]
        self._known = {summary.release: summary for summary in found}
        self._refused = {version: why for version, why in self._refused.items() if version in ("", *versions)}
        now = live.id if live else None
        return ReleaseList(
            current=now,
            releases=[summary.model_copy(update={"live": summary.release == now}) for summary in found],
            switches=[
                ReleaseSwitch(at=switch.at, do=switch.do, before=switch.before, after=switch.after)
                for switch in switches
            ],
            unreadable=len(versions) - len(found),
        )

    def _summary(self, version: str) -> ReleaseSummary | None:
        if version in self._known:
            return self._known[version]
        try:
            manifest = self._registry.manifest(version)
            if manifest.id != version:
                raise IntegrityError(f"manifest.json: expected id {version}, found {manifest.id[:80]!r}")
            return summary_of(manifest)
        except KindredError as error:
            self._note(version, str(error))
        except ValidationError as error:
            first = error.errors()[0]
            self._note(version, f"manifest.json: {first['loc'][0]}: {first['msg']}, found {first['input']!r:.80}")
        except (LookupError, TypeError, AttributeError) as error:
            self._note(version, f"manifest.json: {error!r}")
        return None

    def _note(self, version: str, reason: str) -> None:
        """Log a reason once, not at every look."""
        if self._refused.get(version) != reason:
            self._refused[version] = reason
            log.warning("release %s not listed: %s", version or "?", reason)


def summary_of(manifest: Manifest) -> ReleaseSummary:
    """A release as its manifest describes it, not live.

    Raises:
        LookupError, TypeError, AttributeError, ValidationError: it holds something else than it should.
    """
    default = manifest.default_model
    return ReleaseSummary(
        release=manifest.id,
        created_at=manifest.created_at,
        label=manifest.data.get("label"),
        movies=manifest.files[f"{default}/vectors.npy"]["shape"][0],
        default=default,
        models=[file.partition("/")[0] for file in manifest.files if file.endswith("/vectors.npy")],
        live=False,
        best=_best(manifest),
    )


def _best(manifest: Manifest) -> HeldOut | None:
    wanted = _MAIN | {"name": manifest.default_model}
    for row in manifest.metrics.get("rows", ()):
        if wanted.items() <= row.items():
            numbers = {"hr10": row.get("hr@10"), "ndcg10": row.get("ndcg@10")}
            return HeldOut(name=row["name"], relation=row["relation"], **numbers)
    return None
