"""How a command ends. Exit status: 0 – done, all is well; 1 – something is wrong, or could not be done; 2 – the command
line is. Whatever it was is one line that names the place and the cause."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

FOUND, USAGE = 1, 2

MISSING_TABLE: Final = ("42P01", "3F000", "42703")
"""What PostgreSQL says of a table, schema or column that is not there."""

MAY_NOT: Final = ("42501",)
"""… of a role that may not do it."""


class Failure(Exception):
    """One clear line for whoever gave the command."""

    def __init__(self, text: str, status: int = FOUND) -> None:
        super().__init__(text)
        self.status = status


def misused(text: str) -> Failure:
    """The command line asks for something that does not exist here."""
    return Failure(text, USAGE)


def explained(error: BaseException) -> str:
    """What went wrong, in a line. Libraries are known by what their errors carry, so that none is imported for it."""
    for one in _causes(error):
        state = getattr(one, "sqlstate", None) or getattr(one, "pgcode", None)
        if state in MISSING_TABLE:
            prepare = "`python -m delivery_center.installing.prepare`"
            return f"the database is not prepared for this version ({_line(one)}): run {prepare}"
        if state in MAY_NOT:
            return f"{_line(one)}: DATABASE_URL has to be the owner's, who sees every schema"
        if request := _request_of(one):
            return f"{request.url.scheme}://{request.url.netloc.decode()}: {_line(one)}"
    return _line(error)


def _causes(error: BaseException) -> Iterator[Any]:
    """The error, what a library has wrapped, and what it was raised from."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or any(one is known for known in seen):
            continue
        seen.append(one)
        yield one
        waiting += [getattr(one, "orig", None), one.__cause__, one.__context__]


def _request_of(error: Any) -> Any:
    """The request an error of httpx is about: asking it raises where there is none."""
    try:
        return error.request if type(error).__module__.startswith("httpx") else None
    except RuntimeError:
        return None


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    name = type(error).__name__
    if not lines:
        return name
    return lines[0] if isinstance(error, OSError | SystemExit) or " " in lines[0] else f"{name}: {lines[0]}"
