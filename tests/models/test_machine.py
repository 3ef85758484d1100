"""Free memory as the kernel tells it, in and out of containers, from files laid out as it lays them out."""

from pathlib import Path

import pytest

from models.machine import cores, free_disk, free_memory

MEMINFO = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n"


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text(MEMINFO)
    return tmp_path


def group(kernel: Path, line: str, folder: str, files: dict[str, str]) -> None:
    with (kernel / "proc" / "self" / "cgroup").open("a") as file:
        file.write(line + "\n")
    place = kernel / "sys" / folder
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / name).write_text(text)


def free(kernel: Path) -> int | None:
    return free_memory(kernel / "proc", kernel / "sys")


def test_without_a_limit_it_is_the_machines(kernel: Path) -> None:
    assert free(kernel) == 8_000_000 * 1024
    group(kernel, "0::/a", "a", {"memory.max": "max\n", "memory.current": "5\n"})
    assert free(kernel) == 8_000_000 * 1024


def test_version_2_with_files_that_yield(kernel: Path) -> None:
    files = {"memory.max": "1000\n", "memory.current": "700\n", "memory.stat": "anon 1\ninactive_file 200\n"}
    group(kernel, "0::/a/b", "a/b", files)
    assert free(kernel) == 500


def test_a_limit_further_up_counts(kernel: Path) -> None:
    group(kernel, "0::/a/b", "a/b", {"memory.max": "9000\n", "memory.current": "0\n"})
    (kernel / "sys" / "a" / "memory.max").write_text("100\n")
    (kernel / "sys" / "a" / "memory.current").write_text("40\n")
    assert free(kernel) == 60


def test_version_1(kernel: Path) -> None:
    files = {"memory.limit_in_bytes": "1000\n", "memory.usage_in_bytes": "300\n"}
    group(kernel, "4:memory:/x", "memory/x", files | {"memory.stat": "total_inactive_file 100\n"})
    group(kernel, "3:cpu:/x", "cpu/x", {"memory.limit_in_bytes": "1\n", "memory.usage_in_bytes": "0\n"})
    assert free(kernel) == 800


def test_in_a_container_whose_path_is_that_outside(kernel: Path) -> None:
    group(kernel, "0::/docker/abc", ".", {"memory.max": "1000\n", "memory.current": "2000\n"})
    assert free(kernel) == 0


def test_a_system_that_does_not_tell(tmp_path: Path) -> None:
    assert free_memory(tmp_path, tmp_path) is None


def test_disk_of_what_is_not_there_yet_and_cores(tmp_path: Path) -> None:
    assert free_disk(tmp_path / "a" / "b") == pytest.approx(free_disk(tmp_path), rel=0.2)
    assert cores() >= 1
