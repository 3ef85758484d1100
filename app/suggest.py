"""The nearest there is to a movie that is not: by title and by id."""

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.facts import name_of
from app.state import Loaded

SUGGESTIONS = 5
# No id or title is longer than this by much; bounds the time of an answer.
_MAX_TEXT = 100


def nearest_to(loaded: Loaded, text: str) -> list[dict[str, object]]:
    """Up to five movies, never none unless the catalogue is empty; takes milliseconds."""
    text = text[:_MAX_TEXT]
    titled = loaded.titles.find(text, SUGGESTIONS).rows if text.strip() else []
    by_id = process.extract(text, loaded.catalogue.ids, scorer=OSA.distance, limit=SUGGESTIONS)
    alike = [row for _, _, row in by_id]
    # what has letters reads as a title, a number as an id that was mistyped
    ordered = [*titled, *alike] if any(letter.isalpha() for letter in text) else [*alike, *titled]
    return [name_of(loaded.catalogue, row) for row in list(dict.fromkeys(ordered))[:SUGGESTIONS]]
