import pytest

from mnist_core import config


@pytest.mark.parametrize("name", ["a", "digit-net", "7", "a" * 41])
def test_good_names_pass(name):
    assert config.check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "-a", "A", "a" * 42, "a/b", "..", "../x", "a b", "a\n", "é", "a_b", None, 3]
)
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="cannot be the name of a model"):
        config.check_name(name)


def test_cpu_count_is_positive():
    assert config.cpu_count() >= 1
