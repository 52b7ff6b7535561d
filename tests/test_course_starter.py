"""A starter is its solution with the answers taken out."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from course_folder import SOLUTION, add_lesson, make_course, write

from sessionlab.course.errors import Malformed
from sessionlab.course.lesson import find_lesson, lessons
from sessionlab.course.root import find_course
from sessionlab.course.starter import derive, derived, first_todo, main


def starter(*lines: str) -> list[str]:
    """The lines of the starter that a solution yields."""
    return derive("\n".join(lines) + "\n", "s.py").splitlines()


def malformed(source: str) -> Malformed:
    """The error that a solution gives."""
    with pytest.raises(Malformed) as caught:
        derive(source, "s.py")
    assert caught.value.fact.startswith(f"s.py:{caught.value.line}: ")
    assert caught.value.hint
    return caught.value


def test_a_whole_body_becomes_a_todo_that_raises():
    """Called, the unfinished function says what is to do."""
    assert starter("def f():", "    # region answer: do it", "    return 1", "    # endregion") == [
        "def f():",
        "    # TODO: do it",
        '    raise NotImplementedError("do it")',
    ]


def test_a_docstring_alone_is_an_empty_body():
    """Without the raise the function would silently return None."""
    assert starter(
        "def f():", '    """Do."""', "    # region answer: do it", "    g()", "    # endregion"
    ) == [
        "def f():",
        '    """Do."""',
        "    # TODO: do it",
        '    raise NotImplementedError("do it")',
    ]


@pytest.mark.parametrize("idle", ["pass", "...", '"""Do."""'])
def test_a_placeholder_does_not_make_a_body_full(idle):
    """`pass` and `...` do as little as a docstring."""
    lines = starter("def f():", "    # region answer: do it", "    g()", "    # endregion", f"    {idle}")
    assert '    raise NotImplementedError("do it")' in lines


def test_a_body_that_keeps_a_statement_does_not_raise():
    """A block that the function can do without leaves a comment only."""
    lines = starter("def f():", "    # region answer: log it", "    log()", "    # endregion", "    return 1")
    assert lines == ["def f():", "    # TODO: log it", "    return 1"]


def test_a_function_that_loses_its_only_result_raises():
    """Given lines before the answer don't make up for the return value that is gone."""
    lines = starter(
        "def f(a):", "    b = a + 1", "    # region answer: return it", "    return b", "    # endregion"
    )
    assert lines[-2:] == ["    # TODO: return it", '    raise NotImplementedError("return it")']


@pytest.mark.parametrize("statement", ["yield b", "x = yield b", "yield from b"])
def test_a_generator_that_loses_its_only_yield_raises(statement):
    """It would otherwise turn into a function that returns None."""
    lines = starter(
        "def f(b):", "    c = b", "    # region answer: hand out", f"    {statement}", "    # endregion"
    )
    assert lines[-1] == '    raise NotImplementedError("hand out")'


def test_a_function_that_keeps_a_result_does_not_raise():
    """The last return outside the region is enough."""
    source = (
        "def f(a):",
        "    # region answer: the odd case",
        "    if a:",
        "        return 1",
        "    # endregion",
    )
    assert starter(*source, "    return 2") == ["def f(a):", "    # TODO: the odd case", "    return 2"]


def test_the_result_of_an_inner_function_is_not_the_outer_ones():
    """What a nested function returns does not count for the function around it."""
    source = (
        "def f():",
        "    def g():",
        "        return 1",
        "    # region answer: use g",
        "    return g()",
        "    # endregion",
    )
    assert starter(*source)[-1] == '    raise NotImplementedError("use g")'


def test_a_with_block_that_would_be_empty_raises():
    """Python needs a statement there, and the raise is the one that says why."""
    lines = starter(
        "def f(s):", "    with s:", "        # region answer: use s", "        s.x()", "        # endregion"
    )
    assert lines[-2:] == ["        # TODO: use s", '        raise NotImplementedError("use s")']


def test_each_of_two_answers_that_empty_a_body_raises():
    """Once the first is written, the second still says what is to do."""
    block = ("    # region answer: {0}", "    {0}()", "    # endregion")
    lines = starter("async def f():", *(line.format(name) for name in "ab" for line in block))
    assert [line.strip() for line in lines[1:]] == [
        "# TODO: a",
        'raise NotImplementedError("a")',
        "# TODO: b",
        'raise NotImplementedError("b")',
    ]


def test_a_function_taken_out_whole_leaves_a_todo_in_the_module():
    """Nothing raises while the module is imported."""
    source = ("# region answer: write f", "@cache", "def f():", "    return 1", "# endregion", "", "A = 1")
    assert starter(*source) == ["# TODO: write f", "", "A = 1"]


def test_a_module_of_one_answer_is_a_todo():
    """A module may be empty."""
    assert starter("# region answer: all of it", "A = 1", "# endregion") == ["# TODO: all of it"]


def test_an_else_branch_can_be_the_answer():
    """Where the keyword goes too, no body is left empty."""
    source = (
        "def f(a):",
        "    if a:",
        "        g()",
        "    # region answer: or else",
        "    else:",
        "        h()",
        "    # endregion",
    )
    assert starter(*source) == ["def f(a):", "    if a:", "        g()", "    # TODO: or else"]


def test_an_answer_can_stand_inside_brackets():
    """An item of a list leaves a comment among the others."""
    source = ("A = [", "    1,", "    # region answer: the second", "    2,", "    # endregion", "]")
    assert starter(*source) == ["A = [", "    1,", "    # TODO: the second", "]"]


def test_a_decorator_can_be_the_answer():
    """The function under it stays whole."""
    source = (
        "# region answer: make it a context manager",
        "@contextmanager",
        "# endregion",
        "def f():",
        "    yield",
    )
    assert starter(*source) == ["# TODO: make it a context manager", "def f():", "    yield"]


def test_a_method_is_a_function_too():
    """In a class the raise stands in the method's body."""
    source = (
        "class A:",
        "    def f(self):",
        "        # region answer: x",
        "        return 1",
        "        # endregion",
    )
    assert starter(*source)[-1] == '        raise NotImplementedError("x")'


def test_a_class_that_keeps_its_docstring_may_lose_all_else():
    """A class body runs on import, so nothing may raise in it."""
    source = ("class A:", '    """A."""', "    # region answer: columns", "    x = 1", "    # endregion")
    assert starter(*source) == ["class A:", '    """A."""', "    # TODO: columns"]


def test_quotes_and_backslashes_in_a_label_survive():
    """What is raised is the label, as it is written."""
    lines = starter("def f():", '    # region answer: say "a\\b"', "    return 1", "    # endregion")
    call = ast.parse("\n".join(lines)).body[0].body[0].exc
    assert call.args[0].value == 'say "a\\b"'


def test_what_is_outside_a_region_stays_byte_for_byte():
    """Windows line ends, form feeds, trailing blanks, odd quotes and a missing last newline included."""
    before = "'''Doc'''  \r\n\x0c\r\nA = 'x'  # régler \u2028 \t\r\n"
    after = "\r\n\r\nB =  2"
    region = "# region answer: a\r\nX = 1\r\n# endregion\r\n"
    assert derive(before + region + after, "s.py") == before + "# TODO: a\r\n" + after


def test_a_mark_inside_a_string_is_text():
    """Only comments are marks."""
    source = 'S = """\n# region answer: no\n# endregion\n"""\n# region answer: yes\nA = 1\n# endregion\n'
    assert derive(source, "s.py") == 'S = """\n# region answer: no\n# endregion\n"""\n# TODO: yes\n'


def test_the_short_form_that_editors_write_is_read():
    """`#region` and `#endregion` fold, too."""
    assert starter("#region answer: a", "A = 1", "#endregion") == ["# TODO: a"]


def test_lines_only_for_the_solution_leave_no_trace():
    """Neither the lines nor the blank line that set them apart."""
    source = (
        "A = 1",
        "",
        "# region solution only",
        "# why",
        "import b",
        "# endregion",
        "",
        "# region answer: c",
        "C = 1",
        "# endregion",
    )
    assert starter(*source) == ["A = 1", "", "# TODO: c"]


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        ("A = 1\n", 1, "no region with an answer"),
        ("# region solution only\nA = 1\n# endregion\n", 1, "no region with an answer"),
        ("A = 1\n# region answer: a\nB = 1\n", 2, "no `# endregion`"),
        ("# region answer: a\nA = 1\n# endregion\n# endregion\n", 4, "ends no region"),
        (
            "# region answer: a\nA = 1\n# region answer: b\nB = 1\n# endregion\n# endregion\n",
            3,
            "in the one of line 1",
        ),
        (
            "# region answer: a\n# region solution only\nA = 1\n# endregion\n# endregion\n",
            2,
            "in the one of line 1",
        ),
        ("# region answer\nA = 1\n# endregion\n", 1, "no label"),
        ("# region answer: \nA = 1\n# endregion\n", 1, "no label"),
        ("# region anwser: a\nA = 1\n# endregion\n", 1, "'anwser: a' is no kind of region"),
        ("# region\nA = 1\n# endregion\n", 1, "no kind of region"),
        ("A = 1  # region answer: a\nB = 1\n# endregion\n", 1, "behind code"),
        ("# region answer: a\nB = 1  # endregion\n", 2, "behind code"),
        ("# region answer: a\n# nothing\n\n# endregion\n", 1, "holds no code"),
        ("def f():\n# region answer: a\n    return 1\n# endregion\n", 2, "not indented alike"),
        ("def f():\n    # region answer: a\n    return 1\n# endregion\n", 2, "not indented alike"),
        ("class A:\n    # region answer: a\n    x = 1\n    # endregion\n", 2, "could not be imported"),
        ("if B:\n    # region answer: a\n    x = 1\n    # endregion\n", 2, "could not be imported"),
        (
            "# region answer: a\nif B:\n    x = 1\n# endregion\nelse:\n    y = 1\n",
            1,
            "with the answers taken out",
        ),
        (
            "def f():\n  # region solution only\n  a()\n  # endregion\n# region answer: b\nB\n# endregion\n",
            2,
            "taken out",
        ),
        ("def f(:\n", 1, "does not parse"),
        ("A = 1\0\n", 1, "does not parse"),
        ("A = 1\n  B = 2\n", 2, "does not parse"),
    ],
)
def test_a_region_out_of_shape_is_told_by_line_and_reason(source, line, what):
    """Each slip an author can make gets its line and a reason, before it reaches a learner."""
    error = malformed(source)
    assert what in error.fact
    assert error.line == line


def test_the_first_todo_is_the_first_that_is_left():
    """The map names it; a file without any has none."""
    assert first_todo("A = 1\n\n    # TODO: open it  \r\n# TODO: close it\n") == "open it"
    assert first_todo("A = 1  # TODO\n") is None


def test_the_first_todo_of_a_derived_starter_is_its_first_label():
    """The two ends agree on the form."""
    assert first_todo(derive(SOLUTION, "s.py")) == "run the engine"


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("SESSIONLAB_COURSE", str(root))
    return root


def test_the_authors_tool_writes_every_starter(course, capsys):
    """What is missing or differs is written and named; the rest is left alone."""
    solution = course / "solutions" / "07_get_db.py"
    write(solution, SOLUTION.replace("run the engine", "run it twice"))
    add_lesson(course, "08_new")
    (course / "lessons" / "08_new" / "exercise.py").unlink()
    assert main([]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "wrote lessons/07_get_db/exercise.py",
        "wrote lessons/08_new/exercise.py",
    ]
    assert "# TODO: run it twice" in (course / "lessons" / "07_get_db" / "exercise.py").read_text()
    assert main(["--check"]) == 0


def test_the_authors_check_fails_on_a_difference_and_writes_nothing(course, capsys):
    """The difference is shown, and the exit code is 1."""
    path = course / "lessons" / "07_get_db" / "exercise.py"
    old = path.read_bytes()
    write(course / "solutions" / "07_get_db.py", SOLUTION.replace("run the engine", "run it twice"))
    assert main(["--check"]) == 1
    assert '+    raise NotImplementedError("run it twice")' in capsys.readouterr().out
    assert path.read_bytes() == old
    assert main(["--check", "16"]) == 0


def test_a_starter_changed_by_hand_is_a_difference(course):
    """Also in its line ends, or where it is not text."""
    path = course / "lessons" / "07_get_db" / "exercise.py"
    for data in (path.read_bytes().replace(b"\n", b"\r\n"), b"\xff", b""):
        path.write_bytes(data)
        assert main(["--check", "07"]) == 1


@pytest.mark.parametrize("data", [None, b"\xff\xfe", b"A = 1\n"])
def test_a_solution_that_yields_no_starter_is_wrong_use(course, capsys, data):
    """Missing, not UTF-8, or without an answer: exit code 2, with the reason."""
    path = course / "solutions" / "07_get_db.py"
    path.unlink() if data is None else path.write_bytes(data)
    assert main(["--check"]) == 2
    assert f"{path}:1: the solution" in capsys.readouterr().err


def test_the_tool_runs_as_a_module(course):
    """The command in the docstring works as it stands."""
    command = [sys.executable, "-m", "sessionlab.course.starter", "--check"]
    assert subprocess.run(command, env={**os.environ, "SESSIONLAB_COURSE": str(course)}).returncode == 0


# This course's own lessons.

REAL = lessons(find_course(Path(__file__)))


@pytest.mark.parametrize("lesson", REAL, ids=str)
def test_the_starter_is_what_its_solution_yields(lesson):
    """After a change of a solution, run `python -m sessionlab.course.starter`."""
    assert lesson.starter.read_bytes().decode("utf-8") == derived(lesson)


@pytest.mark.parametrize("lesson", REAL, ids=str)
def test_the_starter_imports_and_has_something_to_do(lesson):
    """A learner starts from a module that loads, with a first TODO."""
    code = "import runpy, sys; runpy.run_path(sys.argv[1])"
    run = subprocess.run(
        [sys.executable, "-c", code, lesson.starter.name], cwd=lesson.folder, capture_output=True
    )
    assert run.returncode == 0, run.stderr.decode()
    assert first_todo(lesson.starter.read_text(encoding="utf-8"))


def test_a_made_up_lesson_would_be_found(course):
    """The two tests above look at folders: a course with lessons is never an empty list."""
    assert [lesson.slug for lesson in lessons(course)] == ["01_one_engine", "07_get_db", "16_async_session"]
    assert derived(find_lesson(course, "07")) == derive(SOLUTION, "s.py")
