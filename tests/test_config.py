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


@pytest.fixture
def cpuinfo(tmp_path, monkeypatch):
    """A file that is read in the place of the system's, which is read but once."""
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(config, "_CPUINFO", path)
    config.processor_flags.cache_clear()
    yield path
    config.processor_flags.cache_clear()


@pytest.mark.parametrize(
    ("text", "flags", "knows"),
    [
        ("flags\t\t: fpu avx2 avx512f\n", {"fpu", "avx2", "avx512f"}, False),
        ("model\t: 1\nflags\t: avx512_bf16\nbugs\t: x\n", {"avx512_bf16"}, True),
        ("flags : amx_bf16 fpu\n\nflags : amx_bf16 fpu\n", {"amx_bf16", "fpu"}, True),
        ("Features\t: fp asimd\n", set(), False),
        (None, set(), False),
    ],
)
def test_what_the_processor_knows(text, flags, knows, cpuinfo):
    if text is not None:
        cpuinfo.write_text(text)
    assert config.processor_flags() == flags
    assert config.knows_bfloat16() is knows
