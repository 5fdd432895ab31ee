# SPDX-License-Identifier: MIT
"""The searchable record."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

import pixazo
from conftest import SMALL


@pytest.fixture
def filled(studio):
    for seed, prompt in enumerate(["a red fox", "a snow owl", "a red kite"]):
        studio.generate(prompt, seed=seed, principal="ann" if seed else "", idempotency_key=f"k{seed}", **SMALL)
    return studio


def test_everything_is_listed_newest_first(filled):
    repository = filled.repository
    assert [one.prompt for one in repository.list(limit=2)] == ["a red kite", "a snow owl", "a red fox"]
    assert [one.prompt for one in repository] == ["a red kite", "a snow owl", "a red fox"]
    page = repository.page(limit=2)
    assert len(page) == 2 and page.cursor
    assert [one.prompt for one in repository.page(pixazo.Query(limit=2, cursor=page.cursor))] == ["a red fox"]
    assert [one.prompt for one in repository.page(page=2, limit=2)] == ["a red fox"]


@pytest.mark.parametrize("filters, wanted", [
    ({"principal": "ann"}, 2), ({"text": "red"}, 2), ({"state": ["done", "partial"]}, 3), ({"state": "failed"}, 0),
    ({"provider": "offline"}, 3), ({"since": datetime(2000, 1, 1, tzinfo=timezone.utc)}, 3),
    ({"until": datetime(2000, 1, 1, tzinfo=timezone.utc)}, 0),
])
def test_filters(filled, filters, wanted):
    assert filled.repository.count(**filters) == wanted == len(list(filled.repository.list(**filters)))


def test_by_id_by_picture_and_by_key(filled):
    repository = filled.repository
    made = repository.find_key("k1", "ann")
    assert made.prompt == "a snow owl"
    assert repository.find(made.uuid) == made == repository.find(made.image.uuid)
    assert hash(made) == hash(repository.find(made.uuid))
    for missing in (lambda: repository.find("01980000-0000-7000-8000-000000000000"), lambda: repository.find_key("none")):
        with pytest.raises(LookupError):
            missing()
    with pytest.raises(ValueError):
        repository.find("not a uuid")


def test_wrong_filters_are_explained(filled):
    with pytest.raises(TypeError, match="did you mean 'principal'"):
        filled.repository.count(princpal="ann")
    with pytest.raises(TypeError, match="not both"):
        filled.repository.page(pixazo.Query(), limit=2)
    with pytest.raises(pixazo.ArgumentError):
        filled.repository.page(limit=0)
    with pytest.raises(pixazo.ArgumentError, match="time zone"):
        filled.repository.count(since=datetime(2026, 1, 1))


def test_deleting_has_two_phases(filled):
    repository, store = filled.repository, filled.store
    made = repository.find_key("k0")
    key = made.image.key
    repository.update(made.image.uuid, {"rating": 5, "starred": 1})
    repository.remove(made.uuid)
    repository.restore(made.uuid)
    assert repository.purge(datetime.now(timezone.utc) + timedelta(days=1)) == []
    repository.remove(made.uuid)
    later = datetime.now(timezone.utc) + timedelta(days=1)
    assert repository.purge(later) == [key]
    store.remove(key)
    repository.purge(later, done=True)
    assert repository.purge(later) == [] and key not in store
    with pytest.raises(pixazo.PixazoError):
        repository.update(made.image.uuid, "not json")


def test_budgets_and_quotas(filled):
    repository = filled.repository
    repository.set_budget({"scope": "provider", "name": "offline", "period": "day", "cap_micros": 5_000_000})
    [budget] = repository.budgets()
    assert budget["left_micros"] == 5_000_000 and budget["used_micros"] == 0 and budget["scope"] == "provider"
    assert budget["period_end_us"] - budget["period_begin_us"] == 86_400_000_000
    repository.remove_budget(budget)
    assert repository.budgets() == []
    with pytest.raises(pixazo.NotFound):
        repository.remove_budget(budget)
    with pytest.raises(pixazo.ArgumentError, match="cap_micros"):
        repository.set_budget({"period": "day"})
    repository.set_quota({"principal": "*", "requests": 50, "slots": 2})
    [quota] = repository.quotas()
    assert quota == {"principal": "*", "requests": 50, "window_ms": 3_600_000, "burst": 50, "slots": 2}
    repository.remove_quota(quota)
    assert repository.quotas() == []


def test_costs_by_key(filled):
    [row] = filled.repository.costs("provider")
    assert row["provider"] == "offline" and row["calls"] == 3 and row["settled_micros"] == 0
    assert {row["principal"]: row["calls"] for row in filled.repository.costs("principal")} == {"": 1, "ann": 2}
    assert filled.repository.costs(since=datetime(2999, 1, 1, tzinfo=timezone.utc)) == []
    with pytest.raises(pixazo.ArgumentError, match="by must be day"):
        filled.repository.costs("week")


def test_numbers_and_health(filled):
    stats = filled.repository.stats()
    assert stats["schema"] == 1 and stats["models"][0]["pictures"] == 3
    assert filled.repository.check()["problems"] == []


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "r.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(pixazo.Corrupt):
        pixazo.Repository(tmp_path / "r.db")


def test_options_are_checked(tmp_path):
    with pytest.raises(TypeError, match="did you mean 'media_root'"):
        pixazo.Repository(tmp_path / "r.db", media_rot="x")
    with pixazo.Repository(str(tmp_path / "deep" / "r.db"), busy_timeout=0.5, convert_legacy=True) as made:
        assert made.count() == 0 and list(made) == []
