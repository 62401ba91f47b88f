"""Every number in lookups/ says what it is, when it holds and who published it."""

import pytest

from cwb import lookups
from cwb.errors import LookupsError


@pytest.mark.parametrize("name", lookups.table_names())
def test_every_table_is_described_typed_and_sourced(name: str) -> None:
    frame = lookups.table(name)
    assert frame.height
    assert lookups.table_source(name) in lookups.sources()


def test_every_parameter_has_unit_dates_and_source() -> None:
    for key, parameter in lookups.parameters().items():
        assert parameter.unit, key
        assert parameter.label, key
        for value in parameter.values:
            assert value.valid_from, key
            assert value.source in lookups.sources(), key
            if parameter.kind == "published":
                assert value.locator, f"{key}: say where in the source it stands"


def test_every_source_is_used() -> None:
    used = {lookups.table_source(n) for n in lookups.table_names()}
    used |= {v.source for p in lookups.parameters().values() for v in p.values}
    used |= lookups.cited_in_rows()
    assert set(lookups.sources()) - used - {"cwb"} == set()


def test_unknown_parameter_suggests_the_nearest() -> None:
    lookups.parameters()
    with pytest.raises(LookupsError, match=r"no 'impact\.gva_per_jbo'"):
        lookups.assumption("impact.gva_per_jbo")
