"""`sessionlab doctor`: what it finds, and what it says to do about it."""

import json
import shlex
import subprocess
import sys
from importlib import metadata

import pytest
from cli_course import command, environment, lay_course, sessionlab

from sessionlab.cli import requirements
from sessionlab.cli.requirements import FINE, MISSING, WORSE


@pytest.fixture
def course(tmp_path):
    return lay_course(tmp_path / "course")


def test_a_machine_that_will_do_is_told_so_with_0(course):
    """Each subject stands in its own lines of at most 80 columns, and nothing is laid."""
    done = sessionlab(course, "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    for subject in ("Python", "packages", "SQLite", "PostgreSQL", "JupyterLab", "kernel", "work folder"):
        assert f"✓ {subject}" in done.stdout
    assert "The course can be followed here." in done.stdout
    assert not (course / "work").exists()


def test_a_kernel_of_another_environment_is_found(course, tmp_path):
    """A notebook would run there, where the course is not installed: exit code 1, and how to mend it."""
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = ["/somewhere/else/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    done = sessionlab(course, "doctor", JUPYTER_PATH=str(tmp_path))
    assert done.returncode == 1
    assert "notebooks would run in another environment" in done.stdout
    assert "ipykernel install --sys-prefix" in done.stdout


def test_outside_of_a_course_it_says_what_is_missing(tmp_path):
    """All else is examined all the same."""
    done = sessionlab(tmp_path, "doctor")
    assert done.returncode == 1
    assert "There is no course here" in done.stdout
    assert "✓ SQLite" in done.stdout


@pytest.mark.parametrize(
    ("name", "version", "fact"),
    [
        ("sqlalchemy", "2.0.44", "2.0.44 is installed, where the course was written for <2.2,>=2.1"),
        ("fastapi", None, "is not installed"),
    ],
)
def test_a_package_outside_its_range_is_told_with_the_command_that_mends_it(monkeypatch, name, version, fact):
    """One clear line a package, with its name, what is there and what is asked for."""
    real = metadata.version

    def pretended(wanted):
        if wanted.lower() != name:
            return real(wanted)
        if version is None:
            raise metadata.PackageNotFoundError(wanted)
        return version

    monkeypatch.setattr(metadata, "version", pretended)
    (found,) = requirements.packages()
    assert (found.subject, found.state, found.fact) == (name, MISSING, fact)
    assert found.hint.startswith("`")
    assert f"{shlex.quote(sys.executable)} -m pip install '{name}" in found.hint


def test_every_requirement_of_the_course_is_examined(monkeypatch):
    """With nothing installed, each of them is named, and no extra of the developers' is."""
    monkeypatch.setattr(
        requirements, "_package", lambda name, asked: requirements.Finding(name, MISSING, asked)
    )
    names = {finding.subject for finding in requirements.packages()}
    assert {"fastapi", "sqlalchemy", "pytest", "jupyter"} <= names
    assert not {"ruff", "mypy"} & names


def test_a_postgresql_that_is_not_to_be_had_is_no_reason_not_to_follow(monkeypatch):
    """The lessons that run on SQLite can be done; the hint says how to get one."""
    monkeypatch.setenv("SESSIONLAB_POSTGRES_URL", "mysql://root:secret@localhost/")
    (found,) = requirements._postgresql()
    assert found.state == WORSE
    assert "SESSIONLAB_POSTGRES_URL" in found.fact
    assert "secret" not in found.fact + found.hint
    assert found.hint


def test_a_host_whose_judge_is_gone_is_found(tmp_path):
    """A process with a host's command line and another parent is left over; the children of living judges are not."""
    waiting = "import sys; print('on', flush=True); sys.stdin.read()"
    between = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', sys.argv[1], 'sessionlab.grader.host']);"
        "print(p.pid, flush=True)"
    )
    (before,) = requirements._left_over()
    started = subprocess.Popen(
        [sys.executable, "-c", between, waiting],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    )
    pid = int(started.stdout.readline())
    assert started.wait() == 0
    assert started.stdout.readline() == "on\n"
    (found,) = requirements._left_over()
    started.stdin.close()
    assert before.state == FINE or str(pid) not in before.hint
    assert found.state == WORSE
    assert str(pid) in found.hint


def test_a_usage_that_is_none_ends_with_2(course):
    """`doctor` takes no argument."""
    done = subprocess.run(command("doctor", "07"), cwd=course, env=environment(), capture_output=True)
    assert done.returncode == 2


def test_every_command_says_where_a_version_is_outside_its_range(monkeypatch, capsys):
    """One message on standard error, with the package, what is there, what is asked for and what to do."""
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "2.0.44" if name == "sqlalchemy" else real(name))
    requirements.warn_of_versions()
    said = " ".join(capsys.readouterr().err.split())
    assert "sqlalchemy 2.0.44 is installed, where the course was written for <2.2,>=2.1" in said
    assert "hint:" in said


def test_nothing_is_said_where_all_versions_are_in_range(capsys):
    """The message is there only where it is needed."""
    requirements.warn_of_versions()
    assert capsys.readouterr().err == ""
