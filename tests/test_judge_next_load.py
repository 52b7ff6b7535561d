"""While one check runs, another host loads the submission for the next one, on a database of its own."""

import pytest

from sessionlab.grader.judge.databases import Databases
from sessionlab.grader.judge.hosts import Hosts
from sessionlab.grader.judge.next_load import Ahead
from sessionlab.grader.judge.temporary_folders import run_folder
from sessionlab.grader.verdict_document import Failed

SOURCE = b"import os\nURL = os.environ['DATABASE_URL']\ndef url(): return URL\n"


@pytest.fixture(scope="module")
def judge():
    """The folder, two hosts that are ready, and databases."""
    with run_folder() as folder:
        hosts = Hosts(folder)
        hosts.keep_spare(True)
        hosts.warm_spare()
        use_two(hosts)
        yield folder, hosts, Databases(folder)
        hosts.close()


def use_two(hosts):
    for host in [hosts.take(), hosts.take()]:
        host.begin({})
        assert host.end()[0]
        hosts.give_back(host, True)


@pytest.fixture
def ahead(judge):
    _, hosts, databases = judge
    return Ahead(hosts, databases)


def prepare(ahead, tmp_path, source=SOURCE):
    ahead.prepare("sqlite", source, str(tmp_path / "exercise.py"), "")


def test_the_next_check_finds_its_host_loaded_on_its_database(ahead, judge, tmp_path):
    """What the submission was loaded with names the database that the next check sees."""
    prepare(ahead, tmp_path)
    with ahead.database("sqlite") as database:
        host = ahead.host()
        assert host.loaded() is None
        assert host.call("url").result == database.url
        assert ahead.host() is None
    judge[1].give_back(host, host.end()[0])


def test_one_check_ahead_is_enough(ahead, judge, tmp_path):
    """Two hosts take turns: a second preparation changes nothing, and leaves a host for the check that runs."""
    prepare(ahead, tmp_path)
    prepare(ahead, tmp_path)
    other = judge[1].take_idle(SOURCE)
    assert other is not None
    judge[1].give_back(other, True)
    ahead.discard()


def test_where_nothing_is_prepared_a_database_is_made(ahead):
    """The first check has a new database, and takes a host by itself."""
    with ahead.database("sqlite") as database:
        assert ahead.host() is None
        database.execute("CREATE TABLE found (id INTEGER)")


@pytest.mark.parametrize("used", [False, True])
def test_what_nobody_came_for_is_given_back(ahead, judge, tmp_path, used):
    """A check that never took its host, and checks that were skipped to the end, leave neither host nor database."""
    folder, hosts, _ = judge
    prepare(ahead, tmp_path)
    if used:
        with ahead.database("sqlite") as database:
            database.execute("CREATE TABLE found (id INTEGER)")
    ahead.discard()
    taken = [hosts.take_idle(SOURCE), hosts.take_idle(SOURCE)]
    assert None not in taken
    assert not list(folder.glob("*.db"))
    for host in taken:
        hosts.give_back(host, True)


def test_a_host_that_ended_meanwhile_is_told_when_it_is_asked(ahead, judge, tmp_path):
    """The verdict comes with the check whose host it was, and not with the one before."""
    prepare(ahead, tmp_path, b"import os\nos._exit(7)\n")
    with ahead.database("sqlite"):
        host = ahead.host()
        with pytest.raises(Failed, match="exit code 7"):
            host.loaded()
    judge[1].give_back(host, host.end()[0])
    judge[1].warm_spare()


def test_a_host_that_has_had_no_submission_is_kept_for_a_file_that_does_not_load(judge):
    """The two that take turns are taken before it; once they are ended it is there, and need not be started."""
    _, hosts, _ = judge
    use_two(hosts)
    hosts.warm_spare()
    taken = [hosts.take() for _ in range(3)]
    assert [host.process.used for host in taken].index(False) == 2
    for host in taken:
        hosts.give_back(host, True)
    hosts.renew()
    spare = hosts.take()
    assert spare.process is taken[2].process
    hosts.give_back(spare, True)
