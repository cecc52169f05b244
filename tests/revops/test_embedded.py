"""The embedded servers: up while somebody holds them, gone after, healed when something broke."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from revops import embedded
from revops.embedded import places
from tests.traces import processes_of, until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path_factory):
    # Not below pytest's own 0700 folders, which PostgreSQL's user could not pass when root runs the tests.
    path = Path(os.environ["REVOPS_HOME"]) / f"home-{time.monotonic_ns()}"
    path.mkdir(mode=0o755)
    yield path
    until(lambda: not processes_of(path))
    shutil.rmtree(path, ignore_errors=True)


def ask(line, sql):
    url = line.urls["DATABASE_URL"]
    connection = psycopg2.connect(host=url.split("host=")[1], user="revops", dbname="revops")
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.commit()
        connection.close()


def holder(home):
    code = (
        "import sys, time; from pathlib import Path; from revops import embedded; "
        "line = embedded.hold(Path(sys.argv[1]), fast=True); print('up', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "up\n"
    return process


def test_two_holders_share_servers_and_the_last_one_stops_them(home):
    first = embedded.hold(home, fast=True)
    second = embedded.hold(home, fast=True)
    assert first.urls == second.urls
    first.release()
    assert ask(second, "SELECT 1") == 1
    second.release()
    assert processes_of(home) == []


def test_data_survives_the_servers(home):
    line = embedded.hold(home)
    ask(line, "CREATE TABLE kept AS SELECT 7 AS n")
    line.release()
    line = embedded.hold(home)
    assert ask(line, "SELECT n FROM kept") == 7
    line.release()


def test_a_killed_holder_leaves_no_process(home):
    process = holder(home)
    assert processes_of(home)
    process.kill()
    process.communicate()
    until(lambda: not processes_of(home))
    assert "database system is shut down" in (home / "log" / "postgres.log").read_text()


def test_a_killed_keeper_takes_the_servers_along_and_the_next_holder_starts_afresh(home):
    line = embedded.hold(home, fast=True)
    (keeper,) = [pid for pid, words in processes_of(home) if "revops.embedded.keeper" in words]
    os.kill(keeper, signal.SIGKILL)
    until(line.broken)
    again = embedded.hold(home, fast=True)
    assert ask(again, "SELECT 1") == 1
    line.release()
    again.release()


@pytest.mark.parametrize("program", ["postgres", "redis-server"])
def test_a_server_that_dies_is_started_again(home, program):
    line = embedded.hold(home, fast=True)
    victims = [pid for pid, words in processes_of(home) if program in words.split(" ")[0]]
    os.kill(min(victims), signal.SIGKILL)
    until(lambda: _answers(line))
    line.release()


def _answers(line):
    import redis

    try:
        with redis.Redis.from_url(line.urls["REDIS_URL"]) as client:
            return ask(line, "SELECT 1") == 1 and client.ping()
    except (psycopg2.OperationalError, redis.RedisError):
        return False


def test_a_stale_pid_file_that_names_a_living_stranger_is_healed(home):
    embedded.hold(home, fast=True).release()
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n{home / 'postgres'}\n")
    line = embedded.hold(home, fast=True)
    assert ask(line, "SELECT 1") == 1
    line.release()


def test_a_cluster_whose_creation_was_cut_short_is_created_again(home):
    half = home / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    line = embedded.hold(home, fast=True)
    assert ask(line, "SELECT 1") == 1
    line.release()


def test_an_unreadable_redis_file_is_set_aside(home):
    embedded.hold(home).release()
    for file in (home / "redis").rglob("*"):
        if file.is_file():
            file.write_bytes(b"not an append-only file\n")
    line = embedded.hold(home)
    assert _answers(line)
    line.release()
    assert list(home.glob("redis.unreadable-*"))


def test_another_major_version_is_refused_with_instructions(home):
    embedded.hold(home, fast=True).release()
    (home / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(embedded.Unavailable, match="written by PostgreSQL 17; this is 18"):
        embedded.hold(home, fast=True)


def test_a_path_too_long_for_a_socket_gets_a_short_one(home):
    deep = home / ("long" * 20) / ("longer" * 10)
    deep.mkdir(parents=True)
    line = embedded.hold(deep, fast=True)
    assert ask(line, "SELECT 1") == 1
    assert len(line.urls["DATABASE_URL"].split("host=")[1]) < 90
    line.release()
    shutil.rmtree(places.runtime(deep))


def test_many_at_once_get_one_set_of_servers(home):
    code = (
        "import sys; from pathlib import Path; from revops import embedded; "
        "line = embedded.hold(Path(sys.argv[1]), fast=True); "
        "print(line.urls['REDIS_URL'], flush=True); sys.stdin.read()"
    )
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(home)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    assert len({process.stdout.readline() for process in holders}) == 1
    keepers = [pid for pid, words in processes_of(home) if "revops.embedded.keeper" in words]
    assert len(keepers) == 1
    for process in holders:
        process.communicate("")
    until(lambda: not processes_of(home))
