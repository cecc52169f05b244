"""The environment: made where pip, uv or ensurepip is missing, healed when half made, refused in plain words."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from revops import launcher

ROOT = Path(__file__).resolve().parents[2]
# The smallest lock there is, so that a test installs in a second; the installer cares for names and hashes alike.
TINY = next(
    block
    for block in (ROOT / "requirements" / "run.txt").read_text().replace("\\\n", "").splitlines()
    if block.startswith("asgiref==")
)

# Most of these tests are about the environment, not about how it is filled: uv fills it in an instant.
UV = Path(sys.executable).parent


@pytest.fixture
def copy(tmp_path):
    """A copy of the launcher with a lock of one small package."""
    shutil.copytree(
        ROOT / "revops", tmp_path / "revops", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    folder = tmp_path / "requirements"
    folder.mkdir()
    shutil.copy(ROOT / "requirements" / "uv.txt", folder)
    for name in ("run.txt", "dev.txt"):
        (folder / name).write_text(TINY + "\n")
    return tmp_path


def launch(copy, *words, **extra):
    environment = {**os.environ, "MAKELEVEL": "", "PATH": f"{UV}:{os.environ['PATH']}", **extra}
    command = [sys.executable, "-m", "revops.launcher", *words]
    return subprocess.run(command, cwd=copy, text=True, env=environment, capture_output=True, check=False)


def installed(copy):
    return launch(copy, "python", "-c", "import asgiref, sys; print(sys.prefix)")


def test_an_environment_is_made_once(copy):
    first = installed(copy)
    assert first.returncode == 0, first.stderr
    assert first.stdout.split() == ["Setting", "up", ".venv", "…", str(copy / ".venv")]
    assert installed(copy).stdout.split() == [str(copy / ".venv")]


def test_what_the_tests_need_serves_the_run_too(copy):
    launch(copy, "python", "-c", "")
    assert "Setting up" not in launch(copy, "manage").stdout


def test_another_lock_is_installed_over_the_old(copy):
    installed(copy)
    lock = copy / "requirements" / "dev.txt"
    lock.write_text(lock.read_text() + "# another\n")
    assert "Setting up" in installed(copy).stdout


def test_a_half_made_environment_is_made_again(copy):
    (copy / ".venv" / "bin").mkdir(parents=True)
    (copy / ".venv" / "bin" / "python").write_text("")
    assert installed(copy).returncode == 0


def test_an_environment_whose_python_is_gone_is_made_again(copy):
    installed(copy)
    python = copy / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert installed(copy).returncode == 0


def test_two_at_once_take_turns(copy):
    words = [sys.executable, "-m", "revops.launcher", "python", "-c", "import asgiref"]
    both = [subprocess.Popen(words, cwd=copy, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]


def test_without_ensurepip_and_uv_the_pip_at_hand_installs(copy, monkeypatch):
    """As on Debian without python3-venv: venv itself fails, pip of the system can still be pointed at it."""
    blocked(copy, "ensurepip")
    done = launch(copy, "python", "-c", "import asgiref", PATH=without_uv(), PYTHONPATH=str(copy / "blocked"))
    assert done.returncode == 0, done.stderr


def test_where_nothing_can_be_done_the_message_names_what_to_install(copy):
    blocked(copy, "ensurepip")
    blocked(copy, "pip")
    done = launch(copy, "python", "-c", "", PATH=without_uv(), PYTHONPATH=str(copy / "blocked"))
    assert done.returncode == 1
    assert "Neither ensurepip nor pip" in done.stderr
    assert "run the same command again" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lock_that_does_not_match_its_hash_is_not_installed(copy):
    for name in ("run.txt", "dev.txt"):
        (copy / "requirements" / name).write_text("asgiref==3.8.1 --hash=sha256:" + "0" * 64 + "\n")
    done = installed(copy)
    assert done.returncode == 1
    assert not (copy / ".venv" / "installed").exists()


def blocked(copy, name):
    """Make `import name` fail in every Python started with this PYTHONPATH."""
    folder = copy / "blocked" / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(f"raise ImportError('{name} is not here')\n")


def without_uv():
    return os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if not Path(p, "uv").exists())


def test_the_locks_name_versions_hashes_and_no_address():
    for name in ("run.txt", "dev.txt", "uv.txt"):
        text = (ROOT / "requirements" / name).read_text()
        entries = [line for line in text.replace("\\\n", "").splitlines() if line.strip()]
        assert all("==" in line and "--hash=sha256:" in line for line in entries), name
        assert "://" not in text
        assert "--index" not in text
        assert "--find-links" not in text


def test_the_longer_lock_holds_the_shorter_one_in_the_same_versions():
    def pins(name):
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return {
            line.split(" ;")[0].split(" \\")[0] for line in lines if "==" in line and not line.startswith(" ")
        }

    assert pins("run.txt") <= pins("dev.txt")
    assert launcher.LOCKS["dev"][0] == "dev.txt"
