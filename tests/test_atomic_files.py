"""Files that several processes write at once: whoever reads finds one of them whole, and nothing else is touched."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nomic_explore.atomic_files import is_part, sweep_parts, write_atomically, writing_together
from nomic_explore.files import check_target, write_bytes, write_text

WRITER = """
import sys
from pathlib import Path
from nomic_explore.files import write_bytes
target, letter = Path(sys.argv[1]), sys.argv[2].encode()
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    write_bytes(target, letter * (100_000 + number))
"""
KILLED = """
import sys, time
from pathlib import Path
from nomic_explore.atomic_files import write_atomically
with write_atomically(Path(sys.argv[1])) as part:
    part.write_bytes(b"half")
    print(part.name, flush=True)
    time.sleep(60)
"""


def start(code: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_500_reads_of_a_file_that_three_processes_write_find_it_whole(tmp_path: Path) -> None:
    target = write_bytes(tmp_path / "a.bin", b"z" * 1000)
    writers = [start(WRITER, target, letter, 40) for letter in "abc"]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == "ready\n"
        writer.stdin.write("go\n")
        writer.stdin.flush()
    found: set[tuple[bytes, int]] = set()
    n_reads = 0
    while n_reads < 500 or any(writer.poll() is None for writer in writers):
        read = target.read_bytes()
        assert read == read[:1] * len(read)
        found.add((read[:1], len(read)))
        n_reads += 1
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    whole = {(letter, 100_000 + number) for letter in (b"a", b"b", b"c") for number in range(40)}
    assert found <= whole | {(b"z", 1000)}
    assert len(found) > 10
    assert names_in(tmp_path) == ["a.bin"]


def test_a_file_that_is_swept_while_it_is_made_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    make, swept = os.open, []

    def make_and_sweep(path: Path, flags: int, *mode: int) -> int:
        file = make(path, flags, *mode)
        if flags & os.O_EXCL and not swept:  # another writer has locked the new file and removes it a moment later
            swept.append(Path(path).name)
            other = make(path, os.O_RDWR)
            fcntl.flock(other, fcntl.LOCK_EX)

            def end() -> None:
                os.unlink(path)
                os.close(other)

            threading.Timer(0.3, end).start()
        return file

    monkeypatch.setattr(os, "open", make_and_sweep)
    with write_atomically(tmp_path / "a.txt") as part:
        assert part.name not in swept
        part.write_text("all of it")
    assert names_in(tmp_path) == ["a.txt"]


def test_two_threads_write_one_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    both = threading.Barrier(2)

    def write(letter: str) -> None:
        with write_atomically(target) as part:
            part.write_text(letter * 10)
            both.wait(10)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_text() in ("a" * 10, "b" * 10)
    assert names_in(tmp_path) == ["a.txt"]


def test_a_part_file_of_the_user_is_left_alone(tmp_path: Path) -> None:
    own = [tmp_path / "a.txt.part", tmp_path / ".a.txt.part", tmp_path / ".nomic-explore-mine.part"]
    for path in own:
        path.write_text("mine")
    write_text(tmp_path / "a.txt", ["new"])
    assert [path.read_text() for path in own] == ["mine"] * 3


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    real, link = tmp_path / "deep" / "real.txt", tmp_path / "link.txt"
    link.symlink_to(Path("deep") / "real.txt")
    write_text(link, ["first"])  # its target was not there
    write_text(link, ["second"])
    assert link.is_symlink()
    assert real.read_text() == "second"
    assert names_in(tmp_path / "deep") == ["real.txt"]


def test_a_link_into_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "gone" / "real.txt")
    with pytest.raises(FileNotFoundError, match=r"link\.txt is a link to .*real\.txt\. No folder .*gone; make it"):
        write_text(tmp_path / "link.txt", ["x"])


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444, 0o755])
def test_a_replaced_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    target = write_text(tmp_path / "a.txt", ["old"])
    target.chmod(mode)
    with write_atomically(target) as part:
        part.write_text("new")
        assert mode_of(part) == 0o600  # nobody reads it before it has the mode of the old one
    assert (target.read_text(), mode_of(target)) == ("new", mode)


@pytest.mark.usefixtures("usual_umask")
def test_a_new_file_has_the_mode_that_any_other_gets(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("x")
    assert mode_of(write_text(tmp_path / "a.txt", ["x"])) == mode_of(tmp_path / "other.txt") == 0o640


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    target = write_text(tmp_path / "a.txt", ["old"])
    writer = start(KILLED, target)
    assert writer.stdout is not None
    left = writer.stdout.readline().strip()
    assert is_part(left)
    write_text(tmp_path / "b.txt", ["another"])
    assert left in names_in(tmp_path)  # its writer lives
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    assert target.read_text() == "old"
    write_text(tmp_path / "b.txt", ["another"])
    assert names_in(tmp_path) == ["a.txt", "b.txt"]


def test_a_link_by_the_name_of_a_part_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / f".nomic-explore-{'0' * 32}.part").symlink_to(tmp_path / "mine.txt")
    sweep_parts(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_files_written_together_appear_together_or_not_at_all(tmp_path: Path) -> None:
    kept = write_text(tmp_path / "kept.txt", ["old"])
    with pytest.raises(ZeroDivisionError), writing_together():
        write_text(kept, ["new"])
        write_text(tmp_path / "removed.txt", ["new"])
        raise ZeroDivisionError
    assert names_in(tmp_path) == ["kept.txt"]
    assert kept.read_text() == "old"
    with writing_together():
        write_text(kept, ["new"])
        write_text(tmp_path / "removed.txt", ["new"])
        sweep_parts(tmp_path)  # as another process would
        assert kept.read_text() == "old"
    assert names_in(tmp_path) == ["kept.txt", "removed.txt"]
    assert kept.read_text() == "new"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path: Path, make: object) -> None:
    make(tmp_path / "a")  # type: ignore[operator]
    with pytest.raises(ValueError, match=r"a is (a folder|no ordinary file); expected the path of a file"):
        write_text(tmp_path / "a", ["x"])
    assert names_in(tmp_path) == ["a"]


def test_a_folder_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is a folder; expected the path of a file"):
        check_target(tmp_path)


def test_a_full_disk_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    target = write_text(tmp_path / "a.txt", ["old"])
    for path, was in ((target, "is as it was"), (tmp_path / "b.txt", "was not made")):
        with (
            pytest.raises(OSError, match=rf"The disk of .* is full\. .*{path.name} {was}: free some") as raised,
            write_atomically(path),
        ):
            raise OSError(errno.ENOSPC, "No space left on device")
        assert raised.value.errno == errno.ENOSPC
    assert names_in(tmp_path) == ["a.txt"]
    assert target.read_text() == "old"


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(os, "open", refuse)  # a superuser may write into any folder
    with pytest.raises(PermissionError, match=r"a\.txt cannot be written \(.*Read-only.*Choose another path"):
        write_text(tmp_path / "a.txt", ["x"])


def test_an_error_of_a_file_that_is_read_meanwhile_stays_what_it_is(tmp_path: Path) -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/elsewhere/source.csv")
    with pytest.raises(PermissionError) as raised, write_atomically(tmp_path / "a.txt"):
        raise error
    assert raised.value is error
