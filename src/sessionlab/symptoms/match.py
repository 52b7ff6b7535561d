"""Finds the symptoms that a text shows: an error message, a log line or a whole traceback, as it was printed.

Numbers, addresses and statements differ from program to program, and do not count. What is left of a symptom's text
are words, the rarer ones weighing more; a text shows the symptom if most of their weight stands close together. So a
few names may differ as well.
`lessons/assets/symptoms.js` does the same in the browser.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from .index import Symptom

ENOUGH = 0.7  # of the weight of a symptom's words

_DIFFERS = re.compile(
    r"\(Background on this error at: [^)]*\)"
    r"|^\s*\[(?:SQL|parameters): .*"
    r"|<[^<>\n]{1,80}>"
    r"|https?://\S+",
    re.MULTILINE,
)
_WORD = re.compile(r"(?<!\w)[A-Za-z_]\w*(?:\.\w+)*")


@dataclass(frozen=True)
class Match:
    """A symptom, the share of its words' weight that a text shows (0 to 1), and that weight."""

    symptom: Symptom
    share: float
    weight: float

    @property
    def is_it(self) -> bool:
        """Whether enough of the symptom is there."""
        return self.share >= ENOUGH


class Matcher:
    """Knows the words of all symptoms."""

    def __init__(self, symptoms: Iterable[Symptom]) -> None:
        self._symptoms = [(symptom, words(symptom.text)) for symptom in symptoms]
        counts = Counter(word for _, known in self._symptoms for word in set(known))
        self._weights = {word: 1 + log(len(self._symptoms) / count) for word, count in counts.items()}

    def matches(self, text: str) -> list[Match]:
        """Return all symptoms that the text shows any word of, the best match first."""
        shown = words(text)
        found = [self._match(symptom, known, shown) for symptom, known in self._symptoms]
        return sorted((match for match in found if match.weight), key=_rank, reverse=True)

    def _match(self, symptom: Symptom, known: list[str], shown: list[str]) -> Match:
        wanted = set(known)
        reach = 2 * len(known) + 6  # words after each one that is wanted
        near = (set(shown[at : at + reach]) for at, word in enumerate(shown) if word in wanted)
        most = max((self._weight(some & wanted) for some in near), default=0.0)
        return Match(symptom, most / max(self._weight(wanted), 1), most)

    def _weight(self, some: set[str]) -> float:
        return sum(self._weights[word] for word in sorted(some))


def _rank(match: Match) -> tuple[bool, float]:
    """Of what is there, the most specific comes first; of what is not, the nearest."""
    return match.is_it, match.weight if match.is_it else match.share


def words(text: str) -> list[str]:
    """Return the words that count, in lower case: of a dotted name the last one, of what differs none."""
    found = _WORD.findall(_DIFFERS.sub(" ", text))
    return [word.rpartition(".")[2].lower() for word in found]
