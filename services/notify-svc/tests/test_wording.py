"""Templates are texts with variables from the list, nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from notify_svc.wording import VARIABLES, printed, problem_of, render


def test_all_variables_are_filled_in_and_their_values_are_not_templates() -> None:
    values = {name: f"<{name}>" for name in VARIABLES} | {"customer_name": "{{ order_number }}"}
    text = "".join(f"{{{{ {name} }}}}" for name in sorted(VARIABLES))
    assert problem_of(text) is None
    assert render(text, values) == "".join(values[name] for name in sorted(VARIABLES))
    assert render("{{ customer_name }}", values) == "{{ order_number }}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ order }}", "line 1: unknown variable order"),
        ("{{ order_number", "line 1: unexpected end of template, expected 'end of print statement'."),
        ("\n{% for x in order_number %}{% endfor %}", "line 2: For is not allowed"),
        ("{{ order_number.__class__ }}", "line 1: Getattr is not allowed"),
        ("{{ 'a' * 10 ** 9 }}", "line 1: Mul is not allowed"),
        ("{{ order_number | upper }}", "line 1: Filter is not allowed"),
        ("{{ self }}", "line 1: unknown variable self"),
        ("{% include 'x' %}", "line 1: Include is not allowed"),
    ],
)
def test_anything_else_is_a_problem(text: str, problem: str) -> None:
    assert problem_of(text) == problem


def test_times_are_printed_in_shanghai_to_the_second() -> None:
    assert printed(datetime(2019, 10, 15, 16, 0, 1, 999, tzinfo=UTC)) == "2019-10-16 00:00:01"
