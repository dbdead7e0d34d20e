"""A short form of conformance/run.py: one expression for each feature, each of which must be true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from component import value
from sandbox import Guest

SAMPLE = Path(__file__).resolve().parent / "features.json"
FEATURES: dict[str, dict[str, str]] = json.loads(SAMPLE.read_text("utf-8"))
RUN = """
export async function main(features) {
  const failed = {};
  for (const [name, expression] of Object.entries(features)) {
    try {
      const found = await (0, eval)(`(async () => (${expression}))()`);
      if (found !== true) failed[name] = String(found);
    } catch (error) {
      failed[name] = String(error);
    }
  }
  return failed;
}
"""


@pytest.mark.parametrize("area", sorted(FEATURES))
def test_features(area: str, guest: Guest) -> None:
    assert len(FEATURES[area]) >= 15
    assert value(guest.call(RUN, FEATURES[area])) == {}


def test_a_feature_that_is_not_there_is_found(guest: Guest) -> None:
    found = value(guest.call(RUN, {"Intl": "new Intl.NumberFormat('en').format(1) === '1'", "false": "1 === 2"}))
    assert found.keys() == {"Intl", "false"}
