import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.families import Bound, Mark, Watched, only, watch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")

BUSY = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end: pass\n"
# a child in a group of its own, as PySpark's workers are; its number is printed
CHILD = (
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], start_new_session=True)\n"
    "print(child.pid, flush=True)\n"
)

HOLD = "block = bytearray(b'x') * (MB << 20); import time; time.sleep(4)"


def run(code: str, *arguments: str, seconds: float = 60) -> Watched:
    return watch([sys.executable, "-c", code, *arguments], seconds)


def gone(pid: int) -> bool:
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return True
        time.sleep(0.05)
    return False


def test_what_was_printed_and_said_is_told_in_order() -> None:
    watched = run("import sys; print('out'); print('one', file=sys.stderr); print('two', file=sys.stderr)").check()
    assert (watched.out, [mark.text for mark in watched.marks]) == ("out\n", ["one", "two"])


def test_children_count_one_after_the_other_and_after_they_have_ended() -> None:
    said = "child.wait(); subprocess.run([sys.executable, '-c', sys.argv[1]]); print('waited', file=sys.stderr)"
    watched = run(CHILD + said + "; import time; time.sleep(0.5)", BUSY).check()
    assert [mark.text for mark in watched.marks] == ["waited"]
    assert 1.9 <= watched.marks[0].cpu <= watched.end.cpu <= 4


def test_memory_is_that_of_the_whole_family_at_once() -> None:
    hold = "block = bytearray(b'x') * (80 << 20); import time; time.sleep(2)"
    watched = run(CHILD + "block = bytearray(b'x') * (70 << 20); child.wait()", hold).check()
    assert 150 <= watched.peak_mb <= 220


@pytest.mark.parametrize(("mb", "ended"), [(170, False), (60, True)])
def test_who_needs_more_than_its_bound_is_ended_and_who_is_apart_does_not_count(mb: int, ended: bool) -> None:
    # a child that is apart has one that is too
    more = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD.replace('MB', '200')!r}])"
    begin = CHILD.replace("sys.argv[1]]", "sys.argv[1], 'a' + 'part']")
    held = begin + HOLD.replace("MB", "90") + "; child.wait()"
    watched = watch([sys.executable, "-c", held, more], 60, Bound(mb, "apart"))
    assert (re.match(r"ended at \d+ MB after \d+ s", watched.failure) is not None) == ended
    assert (60 if ended else 90) <= watched.bound_mb <= 165
    assert gone(int(watched.out))


def test_failure_is_told_with_the_last_lines() -> None:
    with pytest.raises(RuntimeError, match=r"exit 3 after(.|\n)*so be it"):
        run("import sys; print('so be it', file=sys.stderr); sys.exit(3)").check()


def test_who_takes_too_long_ends_with_all_children_of_his() -> None:
    watched = run(CHILD + "child.wait()", "import time; time.sleep(60)", seconds=1.5)
    assert watched.failure == "no end after 2 s"
    assert gone(int(watched.out))


def test_what_is_left_when_the_command_ends_is_ended() -> None:
    watched = run(CHILD + "import time; time.sleep(1)", "import time; time.sleep(60)").check()
    assert gone(int(watched.out))


def test_temporary_files_of_who_is_killed_are_gone() -> None:
    made = run("import tempfile, time; print(tempfile.mkdtemp(), flush=True); time.sleep(60)", seconds=1.5).out.strip()
    assert made
    assert not Path(made).parent.exists()
    assert Path(made).parent != Path(tempfile.gettempdir())


def test_peaks_between_lines_go_to_the_next_that_counts() -> None:
    marks = [Mark("a", 1, 1, 5), Mark("noise", 2, 2, 9), Mark("b", 3, 3, 7), Mark("c", 4, 4, 1)]
    wanted: Callable[[str], bool] = "abc".__contains__
    assert [mark.peak_mb for mark in only(marks, wanted)] == [5, 9, 1]
