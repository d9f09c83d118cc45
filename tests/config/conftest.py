"""Fixtures for the configuration."""

from pathlib import Path

import pytest

from tests.fakes.operator import Operator


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)
