"""Titles and queries -> comparable words: no case, no accents, no punctuation."""

import re
import unicodedata

# Words that tell titles apart so little that a query may have them or not.
ARTICLES = frozenset(
    ("a", "an", "the", "le", "la", "les", "l", "un", "une", "der", "die", "das", "ein", "eine", "el", "los", "las")
)
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "})
_PARENTHESES = re.compile(r"\([^()]*\)")
_SEPARATORS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Fold case and accents away: "Amélie" -> "amelie"."""
    if text.isascii():
        return text.lower().replace("&", " and ")  # the same, in a tenth of the time
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter)).translate(_LETTERS)


def words(text: str) -> list[str]:
    """The words of a text, a compound both in parts and joined: "Spider-Man" -> spider, man, spiderman."""
    found: dict[str, None] = {}
    for chunk in plain(text).split():
        parts = [part for part in _SEPARATORS.split(chunk) if part]
        found.update(dict.fromkeys(parts))
        if len(parts) > 1:
            found["".join(parts)] = None
    return list(found)


def compact(text: str) -> str:
    """The whole title as one string for comparing, wherever its article stands; alternative titles left out.

    "Godfather, The" and "The Godfather" -> "godfather".
    """
    whole = _SEPARATORS.sub(" ", plain(_PARENTHESES.sub(" ", text))).split()
    if len(whole) > 1 and whole[0] in ARTICLES:
        whole = whole[1:]
    elif len(whole) > 1 and whole[-1] in ARTICLES and "," in text:
        whole = whole[:-1]
    return "".join(whole)
