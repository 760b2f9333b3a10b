"""What `dc capacity` computes, without an installation."""

from __future__ import annotations

import pytest
from delivery_center.growth import Growth, bytes_of, days_of, group_of, size_text, stream_growth
from delivery_shared.messaging.retention import POLICY, SEGMENT_BYTES


@pytest.mark.parametrize(
    ("text", "size"),
    [("100", 100), ("1k", 1000), ("2M", 2_000_000), ("100G", 100 * 10**9), ("1.5Gi", 1610612736), ("1TiB", 2**40)],
)
def test_sizes_are_read_as_disks_are_named(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "Gi", "large", "1X", "-"])
def test_what_is_no_size_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"could not convert|invalid literal"):
        bytes_of(text)


def test_days_left_are_what_is_free_by_what_comes() -> None:
    assert Growth(bytes=10, a_day=2).days_left(7) == 3.5
    assert Growth(bytes=10, a_day=2).days_left(-1) == 0  # more than there is room for: now
    assert Growth(bytes=10, a_day=0).days_left(7) is None  # nothing comes
    assert Growth(bytes=10, a_day=2).days_left(None) is None  # nobody said how large the disk is


def test_a_stream_that_is_cut_ends_somewhere() -> None:
    growth = stream_growth(events=1000, published_a_day=100, size=700, kept_days=14)
    assert (growth.bytes, growth.a_day) == (700_000, 70_000)
    assert growth.most == 14 * 70_000 + 2 * SEGMENT_BYTES
    assert growth.days_left(growth.most - growth.bytes) is None
    assert growth.days_left(growth.most - growth.bytes - 1) is not None
    assert stream_growth(events=1000, published_a_day=100, size=700, kept_days=None).days_left(7_000_000) == 100


@pytest.mark.parametrize(("age", "days"), [("14D", 14), ("1h", 1 / 24), ("90s", 90 / 86400), ("", None)])
def test_ages_are_read_as_rabbitmq_writes_them(age: str, days: float | None) -> None:
    assert days_of(age) == days


def test_the_policy_is_one_rabbitmq_cuts_by_age_alone() -> None:
    """By size it would cut a stream while it is published anew."""
    assert POLICY["definition"] == {"max-age": "14D", "stream-max-segment-size-bytes": 50_000_000}


def test_tables_are_told_apart_by_what_they_are_for() -> None:
    names = {name: group_of(name) for name in ("project_events", "dispatch_snapshots", "command", "timer")}
    assert names == {
        "project_events": "events",
        "dispatch_snapshots": "events",
        "command": "commands",
        "timer": "rows",
    }


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (999, "999 B"), (46_100, "46.1 kB"), (2.5e12, "2.5 TB")])
def test_sizes_are_shown_short(size: float, text: str) -> None:
    assert size_text(size) == text
