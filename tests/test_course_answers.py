"""The answers of a lesson: what their docstrings say, and what is said when they say it wrongly."""

from pathlib import Path

import pytest
from course_folder import make_course, write

from sessionlab.course.answers import answers, read_answer, submitted
from sessionlab.course.errors import Malformed
from sessionlab.course.lesson import find_lesson, lessons
from sessionlab.course.root import find_course
from sessionlab.grader.answer_claims import known_answers


@pytest.fixture
def lesson(tmp_path):
    return find_lesson(make_course(tmp_path / "course"), "07")


def wrong(tmp_path: Path, docstring: str) -> Path:
    """A wrong answer with a docstring."""
    return write(tmp_path / "wrong" / "a.py", f'"""{docstring}"""\nA = 1\n')


def test_a_wrong_answer_states_belief_checks_and_mistake(tmp_path):
    """The text is the belief, the last lines what the verdict must be."""
    path = wrong(
        tmp_path, "FastAPI closes it.\n\nfails: closed_after_2xx, none_out[a-1]\nmistake: NO_CLOSE\n"
    )
    answer = read_answer(path)
    assert answer.belief == "FastAPI closes it."
    assert answer.fails == ("closed_after_2xx", "none_out[a-1]")
    assert answer.mistake == "NO_CLOSE"
    assert (answer.kind, answer.name, answer.path) == ("wrong", "a", path)


def test_the_mistake_may_be_missing_or_stand_first(tmp_path):
    """Where no predicate matches, no mistake is named."""
    assert read_answer(wrong(tmp_path, "Belief.\n\nfails: a")).mistake is None
    answer = read_answer(wrong(tmp_path, "Belief.\n\nmistake: B2_C\nfails: a"))
    assert (answer.fails, answer.mistake) == (("a",), "B2_C")


def test_what_differs_on_one_database_stands_in_a_line_of_its_own(tmp_path):
    """A database without such a line has what stands without one, and fails nothing where there is none."""
    docstring = "Belief.\n\nfails: a\nmistake: A\nfails on sqlite: b,\n  c\nmistake on sqlite: B"
    answer = read_answer(wrong(tmp_path, docstring))
    assert (answer.on("sqlite"), answer.on("postgresql")) == ((("b", "c"), "B"), (("a",), "A"))
    answer = read_answer(wrong(tmp_path, "Belief.\n\nfails on sqlite: b\nmistake on sqlite: B"))
    assert (answer.on("sqlite"), answer.on("postgresql")) == ((("b",), "B"), ((), None))


def test_a_long_list_of_checks_may_go_over_lines(tmp_path):
    """And a belief over paragraphs; `fails` in the middle of a sentence is text."""
    answer = read_answer(
        wrong(tmp_path, "One fails: so what.\n\nTwo.\n\nfails: a,\n    b,\n  c\nmistake: X\n")
    )
    assert answer.fails == ("a", "b", "c")
    assert answer.belief == "One fails: so what.\n\nTwo."


def test_a_right_answer_says_in_what_it_is_unlike(tmp_path):
    """It fails nothing."""
    path = write(tmp_path / "right" / "b.py", '"""Unlike the solution: a lambda."""\n')
    answer = read_answer(path)
    assert (answer.kind, answer.belief) == ("right", "Unlike the solution: a lambda.")
    assert (answer.fails, answer.mistake) == ((), None)


@pytest.mark.parametrize(
    ("docstring", "what"),
    [
        ("", "says nothing about the answer"),
        ("fails: a", "says nothing about the answer"),
        ("Belief.", "names no check that fails"),
        ("Belief.\n\nmistake: A", "names no check that fails"),
        ("Belief.\n\nfails:", "`fails:` holds '', which is no check's id"),
        ("Belief.\n\nfails: a,", "`fails:` holds ''"),
        ("Belief.\n\nfails: a b", "`fails:` holds 'a b'"),
        ("Belief.\n\nfails: a\nmistakes: B", "`fails:` holds 'a mistakes: B'"),
        ("Belief.\n\nfails: a\n\nMore text.", "`fails:` holds 'a More text.'"),
        ("Belief.\n\nfails: a, b, a", "`fails:` names a check twice"),
        ("Belief.\n\nfails: a\nfails: b", "has `fails:` twice"),
        ("Belief.\n\nfails: a\nmistake: A\nmistake: B", "has `mistake:` twice"),
        ("Belief.\n\nfails: a\nmistake: no_close", "`mistake:` holds 'no_close'"),
        ("Belief.\n\nfails: a\nmistake: A, B", "`mistake:` holds 'A, B'"),
        ("Belief.\n\nfails: a\nmistake:", "`mistake:` holds ''"),
        ("Belief.\n\nfails on oracle: a", "`fails on oracle:` names no database"),
        ("Belief.\n\nfails: a\nfails on sqlite: b, b", "`fails on sqlite:` names a check twice"),
        ("Belief.\n\nfails: a\nmistake on sqlite: b", "`mistake on sqlite:` holds 'b'"),
        ("Belief.\n\nmistake on sqlite: A", "names no check that fails"),
        ("Belief.\n\nfails: a\nwithout: b c", "`without:` holds 'b c', which is no name"),
        ("Belief.\n\nfails: a\nwithout: b, b", "`without:` names a definition twice"),
        ("Belief.\n\nfails: a\nwhole: no", "`whole:` holds 'no'"),
        ("Belief.\n\nfails: a\nwhole: yes\nwithout: b", "a whole answer leaves nothing out"),
    ],
)
def test_a_malformed_docstring_is_told_by_line_and_reason(tmp_path, docstring, what):
    """Each slip is named before it makes a wrong answer count for nothing."""
    path = wrong(tmp_path, docstring)
    with pytest.raises(Malformed) as caught:
        read_answer(path)
    assert what in caught.value.fact
    assert (caught.value.path, caught.value.line) == (path, 1)


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        (b"A = 1\n", 1, "no docstring"),
        (b"", 1, "no docstring"),
        (b'# note\n"""Belief."""\n', 2, "names no check that fails"),
        (b'"""Belief.\n\nfails: a\n"""\nA = (\n', 5, "does not parse"),
        (b'"""Belief.\0"""\n', 1, "does not parse"),
        (b'"""Belief \xff."""\n', 1, "does not parse"),
    ],
)
def test_a_malformed_module_is_told_by_line_and_reason(tmp_path, source, line, what):
    """No docstring, no Python, or no text."""
    path = write(tmp_path / "wrong" / "a.py", source)
    with pytest.raises(Malformed) as caught:
        read_answer(path)
    assert what in caught.value.fact
    assert caught.value.line == line


@pytest.mark.parametrize("docstring", ["Unlike.\n\nfails: a", "Unlike.\n\nmistake: A"])
def test_a_right_answer_with_a_key_is_an_error(tmp_path, docstring):
    """One that fails a check is no right answer."""
    path = write(tmp_path / "right" / "a.py", f'"""{docstring}"""\n')
    with pytest.raises(Malformed, match="a right answer fails no check"):
        read_answer(path)


def test_what_is_graded_is_composed_with_the_solution(lesson):
    """Under the name of the answer; a file in another place is graded as it is."""
    path = lesson.answers / "wrong" / "not_run.py"
    assert submitted(path) == read_answer(path).source()
    assert b"ENGINE = object()\n\n\ndef run(engine):\n    pass\n" in submitted(path)
    elsewhere = write(lesson.course / "elsewhere.py", path.read_bytes())
    assert submitted(elsewhere) == path.read_bytes()


def test_a_whole_answer_stands_as_it_is(lesson):
    """It has nothing in common with the solution, and says so."""
    text = '"""Unlike the solution: all of it.\n\nwhole: yes\n"""\n\nrun = 1\n'
    path = write(lesson.answers / "right" / "whole.py", text)
    assert read_answer(path).source() == text.encode()


def test_an_answer_without_a_solution_cannot_be_graded(lesson):
    """There is nothing to compose it with."""
    lesson.solution.unlink()
    with pytest.raises(Malformed, match=r"there is no .* to compose the answer with"):
        read_answer(lesson.answers / "wrong" / "not_run.py").source()


def test_a_lessons_answers_are_found_by_looking(lesson):
    """The wrong ones first, each by name; other files and caches don't count."""
    write(lesson.answers / "wrong" / "a_first.py", '"""B.\n\nfails: a\n"""\n')
    write(lesson.answers / "wrong" / "__pycache__" / "a.pyc", b"")
    write(lesson.answers / "wrong" / "notes.md", "notes")
    assert [(answer.kind, answer.name) for answer in answers(lesson)] == [
        ("wrong", "a_first"),
        ("wrong", "not_run"),
        ("right", "short"),
    ]


@pytest.mark.parametrize("name", ["astray.py", "worng/a.py", "wrong/deep/a.py", "deep/wrong/a.py"])
def test_an_answer_that_nobody_would_run_is_an_error(lesson, name):
    """Beside the two folders, in one with a slip in its name, or too deep."""
    write(lesson.answers / name, '"""B.\n\nfails: a\n"""\n')
    with pytest.raises(Malformed, match="nobody runs an answer in this place"):
        answers(lesson)


def test_a_lesson_without_answers_has_none(lesson):
    """That they are missing is for the course's own tests to say."""
    for path in sorted(lesson.answers.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    lesson.answers.rmdir()
    assert answers(lesson) == []


@pytest.mark.parametrize("lesson", lessons(find_course(Path(__file__))), ids=str)
def test_the_answers_of_this_course_read_well(lesson):
    """Each lesson has wrong ones and right ones, names what its suite has, and fits its solution."""
    found = known_answers(lesson)
    assert {answer.kind for answer in found} == {"wrong", "right"}
    for answer in found:
        compile(answer.source(), answer.path, "exec")


@pytest.mark.parametrize(
    ("keys", "line", "what", "hint"),
    [
        ("fails: rnus", 3, "the suite has no check 'rnus'", "did you mean `runs`?"),
        ("fails: runs\nfails on sqlite: run", 4, "the suite has no check 'run'", "did you mean `runs`?"),
        ("fails: runs\nmistake: NO_RUN", 4, "the suite has no mistake 'NO_RUN'", "did you mean `NOT_RUN`?"),
        ("fails: runs\nmistake: STUK", 4, "the suite has no mistake 'STUK'", "did you mean `STUCK`?"),
    ],
)
def test_what_the_suite_does_not_have_is_told_by_line(lesson, keys, line, what, hint):
    """A slip in a docstring would otherwise make a verdict look wrong."""
    suite = 'MISTAKES = {"NOT_RUN": 1}\n\n\ndef test_runs():\n    pass\n'
    write(lesson.suite, suite)
    write(lesson.answers / "wrong" / "a.py", f'"""B.\n\n{keys}\n"""\n')
    with pytest.raises(Malformed) as caught:
        known_answers(lesson)
    assert caught.value.fact.endswith(what)
    assert caught.value.hint == hint
    assert caught.value.line == line
