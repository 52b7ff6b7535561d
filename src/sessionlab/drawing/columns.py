"""Two or more actors in columns: time runs down, and under each step stands what it saw.

The form is that of the interleavings in https://github.com/ept/hermitage, a table of isolation levels.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import zip_longest

from .escape import for_markdown

_NARROWEST = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one actor: what it did, and what it saw; `blocked` if it has to wait for another."""

    actor: str
    text: str
    saw: str = ""
    blocked: bool = False


def columns(steps: Iterable[Step], width: int = 80) -> list[str]:
    """Return the steps as lines for a terminal of `width` columns, without colour.

    Each actor has a column, each step a row. The actors stand in the order in which they first act; from a
    step that is blocked to the actor's next one, its column is dotted. A column has at least 10 characters,
    so that many actors make the lines longer than `width`.
    """
    steps = list(steps)
    actors = _actors(steps)
    if not actors:
        return []
    number = len(str(len(steps)))
    room = max(_NARROWEST, (width - number - 2 - 3 * (len(actors) - 1)) // len(actors))
    lines = [_line("", actors, number, room), _rule(len(actors), number, room)]
    for n, step in enumerate(steps, start=1):
        idle = {actor: "┊" if actor in _waiting(steps[: n - 1]) else "" for actor in actors}
        lines += [
            _line(left, [{**idle, step.actor: said}[actor] for actor in actors], number, room)
            for left, said in zip_longest([str(n)], _said(step, room), fillvalue="")
        ]
    return lines


def columns_markdown(steps: Iterable[Step]) -> str:
    """Return the steps as a Markdown table: an actor a column, a row a step."""
    steps = list(steps)
    actors = _actors(steps)
    head = ["| |", *(f" {for_markdown(actor)} |" for actor in actors)]
    rows = [
        f"| {n} | {' | '.join(_cells(step, actors, _waiting(steps[: n - 1])))} |"
        for n, step in enumerate(steps, start=1)
    ]
    return "\n".join(["".join(head), "|--:|" + "---|" * len(actors), *rows]) + "\n"


def columns_html(steps: Iterable[Step]) -> str:
    """Return the steps as an HTML table: an actor a column, a row a step."""
    steps = list(steps)
    actors = _actors(steps)
    heads = "".join(f'<th scope="col">{escape(actor, quote=False)}</th>' for actor in actors)
    rows = "".join(
        f"<tr><td>{n}</td>{_html_cells(step, actors, _waiting(steps[: n - 1]))}</tr>"
        for n, step in enumerate(steps, start=1)
    )
    return f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _html_cells(step: Step, actors: list[str], waiting: set[str]) -> str:
    said = [f"<code>{escape(line, quote=False)}</code>" for line in step.text.splitlines()]
    said += ["<em>waits…</em>"] if step.blocked else []
    said += [f"→ {escape(' '.join(step.saw.split()), quote=False)}"] if step.saw else []
    idle = {actor: "┊" if actor in waiting else "" for actor in actors}
    cells = {**idle, step.actor: "<br>".join(said)}
    return "".join(f"<td>{cells[actor]}</td>" for actor in actors)


def _actors(steps: Sequence[Step]) -> list[str]:
    return list(dict.fromkeys(step.actor for step in steps))


def _line(left: str, cells: Sequence[str], number: int, room: int) -> str:
    return f"{left:>{number}}  {' │ '.join(_padded(cell, room) for cell in cells)}".rstrip()


def _rule(actors: int, number: int, room: int) -> str:
    return f"{'':{number}}  {'─┼─'.join('─' * room for _ in range(actors))}"


def _waiting(steps: Sequence[Step]) -> set[str]:
    """Return who waits after these steps: whose last one is blocked."""
    last = {step.actor: step for step in steps}
    return {actor for actor, step in last.items() if step.blocked}


def _said(step: Step, room: int) -> list[str]:
    blocked = ["waits…"] if step.blocked else []
    return _wrapped(step.text, "", room) + blocked + _wrapped(step.saw, "→ ", room)


def _wrapped(text: str, before: str, room: int) -> list[str]:
    """Return a text in lines of `room` cells; its own line ends are kept."""
    from rich.cells import chop_cells

    lines = [
        line
        for part in text.splitlines()
        for line in textwrap.wrap(part, room - len(before), break_on_hyphens=False)
    ]
    chopped = [piece for line in lines for piece in chop_cells(line, room - len(before))]
    return [f"{before if at == 0 else ' ' * len(before)}{line}" for at, line in enumerate(chopped)]


def _padded(text: str, room: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return text + " " * (room - cell_len(text)) if cell_len(text) <= room else set_cell_size(text, room)


def _cells(step: Step, actors: list[str], waiting: set[str]) -> list[str]:
    said = [f"<code>{for_markdown(line)}</code>" for line in step.text.splitlines()]
    said += ["<em>waits…</em>"] if step.blocked else []
    said += [f"→ {for_markdown(' '.join(step.saw.split()))}"] if step.saw else []
    idle = {actor: "┊" if actor in waiting else "" for actor in actors}
    return [{**idle, step.actor: "<br>".join(said)}[actor] for actor in actors]
