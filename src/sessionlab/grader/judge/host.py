"""The host as a check suite drives it: one object for one check, with a freshly loaded submission inside."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ...recorder.trace import CALLED, NEVER_AWAITED, Event, Trace
from ..deadline import asked_deadline
from ..frames import LIMIT
from ..values import Handle, decode, encode
from ..verdict_document import Failed
from . import diagnosis
from .host_process import HostEnded, HostProcess, HostStuck, Pending
from .outcomes import Fault, Outcome, Response, Tested, TestRun
from .patience import Patience
from .test_folder import RunFolder

CALL_SECONDS = asked_deadline()
LOAD_SECONDS = CALL_SECONDS * 1.5
RUN_SECONDS = CALL_SECONDS * 2.5
LARGEST = LIMIT // 2  # bytes of a submission: a frame still holds it, which is a third longer there


@dataclass(frozen=True)
class Raise:
    """Tells a callable to raise: "module:Class" of an importable module, or a bare name of the submission's."""

    path: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] | None = None


@dataclass(frozen=True)
class Called:
    """A call of a callable that the judge made: its event in the trace, and its arguments."""

    event: Event
    arguments: tuple[Any, ...]

    def __str__(self) -> str:
        return self.event.text


class Running:
    """A call or a request that has been started; `result()` waits for its end."""

    def __init__(
        self, host: Host, told: str, pending: Pending, read: Callable[[dict[str, Any]], Any]
    ) -> None:
        self._host = host
        self._read = read
        self.told = told
        self.pending = pending

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.pending.done.is_set()

    def result(self) -> Any:
        """Return the Outcome or the Response.

        Raises:
            Failed: the submission is stuck, has ended the process, or has not written this part.
        """
        return self._read(self._host.answer(self.told, self.pending))


class Gate:
    """Holds the submission at an event until `release`."""

    def __init__(self, host: Host, number: int, told: str) -> None:
        self._host = host
        self._number = number
        self._told = told
        self._open = False
        self.text = ""
        self.blocks = False

    def wait(self, running: Running | None = None) -> bool:
        """Wait until somebody is held here. Return False if `running` ended without coming by.

        `text` is then the text of the event before, or after, which somebody is held; `blocks` says whether the
        app's event loop stands still as long as it lasts.

        Raises:
            Failed: neither happened within the deadline: the submission is stuck somewhere else.
        """
        hangs = running is not None and self._host.patience.hangs_again(self._host.process, running.pending)
        if self.glance(running, 0.0 if hangs else CALL_SECONDS):
            return True
        if running is not None and not running.done:
            running.result()
        return False

    def glance(self, running: Running | None, seconds: float) -> bool:
        """Wait so long at the most; return whether somebody is held here, and not whether `running` has ended."""
        process = self._host.process
        held = process.wait_any(self._number, running.pending if running else None, seconds)
        self.text = process.held_at.get(self._number, "")
        self.blocks = self._number in process.blocked_at
        return held

    def release(self) -> None:
        """Let go."""
        if not self._open:
            self._open = True
            self._host.quick("release", gate=self._number)


class Host:
    """One check's host: the submission, freshly loaded, and its database."""

    def __init__(self, process: HostProcess, source: bytes = b"", patience: Patience | None = None) -> None:
        self.process = process
        self.patience = patience or Patience()
        self.names: list[str] = []
        self._source = source
        self._run_folders: list[RunFolder] = []
        self._whole = True
        self._loading: tuple[Pending, Pending]
        self._lost: HostEnded | None = None

    # --- the life of one check

    def begin(self, environment: dict[str, str]) -> None:
        """Begin a check: the environment is the submission's until the check ends."""
        self.process.used = True
        self.quick("begin", environment=environment, directory=str(self.process.home))

    def begin_loading(self, environment: dict[str, str], path: str, given: str = "") -> None:
        """Begin a check, and to load the submission, without waiting for either: `loaded` does.

        The modules that the lesson gives with its exercise are imported from the folder `given`.
        """
        self.process.used = True
        if len(self._source) > LARGEST:
            return
        source, home = base64.b64encode(self._source).decode(), str(self.process.home)
        try:
            begun = self.process.send("begin", LOAD_SECONDS, environment=environment, directory=home)
            load = self.process.send("load", LOAD_SECONDS, source=source, path=path, given=given)
            self._loading = (begun, load)
        except HostEnded as error:
            self._lost = error

    def loaded(self) -> Fault | None:
        """Wait until the submission is loaded; return the exception that loading raised, or None.

        Raises:
            Failed: loading is stuck, ended the process, or took too much memory; or the file is too large.
        """
        told = "loading your file"
        if self._lost is not None:
            raise diagnosis.ended(told, self._lost)
        if len(self._source) > LARGEST:
            raise Failed(
                f"your file has {len(self._source):,} bytes",
                f"a file of at most {LARGEST:,} bytes",
                "DOES_NOT_LOAD",
            )
        begun, load = self._loading
        _granted("begin", self.answer(told, begun))
        answer = self.answer(told, load)
        self.names = answer.get("names", [])
        return Fault.of(answer["error"]) if "error" in answer else None

    def end(self) -> tuple[bool, str]:
        """End the check; return whether the host is as it was before, and what the submission printed."""
        marker = secrets.token_hex(8)
        if not self.process.alive:
            return False, self.process.output.take(marker, seconds=0.2)
        try:
            whole = bool(self.process.ask("end", 4.0, marker=marker).get("whole")) and self._whole
        except (HostEnded, HostStuck):
            whole = False
        for folder in self._run_folders:
            folder.remove()
        return whole, self.process.output.take(marker, seconds=1.0 if whole else 0.2)

    # --- making what the submission is given

    def engine(self, url: str, **options: Any) -> tuple[Handle, int]:
        """Make an engine in the host; return its handle and its number in the trace."""
        answer = self.quick("engine", url=url, options=options)
        return decode(answer["handle"]), answer["number"]

    def callable(self, name: str, returns: Any = None, raises: Raise | None = None) -> Handle:
        """Make a callable in the host that records its calls; return its handle."""
        told = (
            {"path": raises.path, "args": list(raises.args), "kwargs": raises.kwargs or {}}
            if raises
            else None
        )
        answer = self.quick("callable", name=name, returns=encode(returns), raises=told)
        handle: Handle = decode(answer["handle"])
        return handle

    # --- calling the submission

    def call(self, target: str | Handle, *args: Any, keep: bool = False, **kwargs: Any) -> Outcome:
        """Call a function of the submission and return what came of it; `keep` leaves the result in the host.

        The target may also be "module:name" of a module that can be imported.

        Raises:
            Failed: the name is missing, not written yet, async, stuck, or has ended the process.
        """
        outcome: Outcome = self._begin("call", target, args, kwargs, keep).result()
        return outcome

    def start(self, target: str | Handle, *args: Any, **kwargs: Any) -> Running:
        """Start a call in a thread of its own."""
        return self._begin("start", target, args, kwargs, False)

    def call_async(self, target: str | Handle, *args: Any, keep: bool = False, **kwargs: Any) -> Outcome:
        """Call an async function of the submission on the event loop; otherwise as `call`."""
        outcome: Outcome = self._begin("call_async", target, args, kwargs, keep).result()
        return outcome

    def start_async(self, target: str | Handle, *args: Any, **kwargs: Any) -> Running:
        """Start an async call on the event loop."""
        return self._begin("call_async", target, args, kwargs, False)

    def _begin(self, command: str, target: str | Handle, args: Any, kwargs: Any, keep: bool) -> Running:
        told = f"{target if isinstance(target, str) else target.name}({_shown(args, kwargs)})"
        pending = self._send(
            told,
            command,
            CALL_SECONDS,
            target=target if isinstance(target, str) else encode(target),
            args=[encode(arg) for arg in args],
            kwargs={name: encode(value) for name, value in kwargs.items()},
            keep=keep,
        )
        return Running(self, told, pending, lambda answer: self._outcome(told, answer))

    def _outcome(self, told: str, answer: dict[str, Any]) -> Outcome:
        if "async" in answer or "sync" in answer:
            raise diagnosis.wrong_color(told, "async" in answer)
        error = Fault.of(answer["error"]) if "error" in answer else None
        return Outcome(told, decode(answer.get("value")), _written(error), answer.get("request"))

    # --- a test file

    def run_tests(
        self,
        modules: Mapping[str, str],
        *,
        order: str = "given",
        only: Sequence[str] | None = None,
        look: Sequence[str] = (),
        stop: bool = False,
        fresh: bool = False,
    ) -> TestRun:
        """Run the submission's tests with pytest, beside modules of these names and sources.

        The submission and the modules are freshly loaded, in a folder of this check's own that each run finds
        as the run before has left it, unless it is to be `fresh`. `order` is "given", "reverse" or "seed N";
        `only` names the tests to run; `stop` ends the run at the first failure. `look` names what to look at
        afterwards, each as "module:attribute".

        Raises:
            Failed: a test is not written yet, is stuck, has ended the process, or kept pytest from running.
        """
        if fresh or not self._run_folders:
            self._run_folders.append(RunFolder(self.process.home))
        folder = self._run_folders[-1]
        folder.lay(self._source, modules)
        fields = {"folder": str(folder.path), "order": order, "only": only, "look": look, "stop": stop}
        told = "running your tests"
        answer = self.answer(told, self._send(told, "run_tests", RUN_SECONDS, **fields))
        self._whole = self._whole and bool(answer.get("whole"))
        if "error" in answer:
            raise Failed(f"{told} raised {Fault.of(answer['error'])}", "pytest runs your tests")
        return _test_run(answer, folder.left())

    # --- an app

    @contextmanager
    def app(self, target: str | Handle = "app") -> Iterator[App]:
        """Start an app of the submission, yield it, and shut it down.

        Raises:
            Failed: its start-up or its shutdown raised.
        """
        place = target if isinstance(target, str) else encode(target)
        app = App(self, place, self._lifespan("starting the app", "lifespan", app=place)["lifespan"])
        yield app
        self._lifespan("shutting the app down", "stop_lifespan", lifespan=app.lifespan)

    def _lifespan(self, told: str, command: str, **fields: Any) -> dict[str, Any]:
        answer = self.answer(told, self._send(told, command, CALL_SECONDS, **fields))
        if "error" in answer:
            error = Fault.of(answer["error"])
            _written(error)
            raise Failed(f"{told} raised {error}", f"{told} succeeds", detail=error.detail)
        return answer

    # --- looking and holding

    def gate(self, *kinds: str, text: str = "", request: int | None = None, skip: int = 0) -> Gate:
        """Put up a gate at the first event of these kinds that fits, until it is released."""
        gate = Gate(self, self.process.next_gate(), " or ".join(kinds))
        self.quick("hold", gate=gate._number, kinds=list(kinds), text=text, request=request, skip=skip)
        return gate

    def gate_after(self, held: Gate, *kinds: str) -> Gate:
        """Put up a gate at the next event of these kinds, and open the one that holds somebody now."""
        gate = Gate(self, self.process.next_gate(), " or ".join(kinds))
        self._send("hold", "hold", CALL_SECONDS, gate=gate._number, kinds=list(kinds), frees=held._number)
        held._open = True
        return gate

    @contextmanager
    def hold(self, kind: str, text: str = "", request: int | None = None, skip: int = 0) -> Iterator[Gate]:
        """Put up a gate at the first event of this kind that fits; it opens at the end of the block at the latest.

        `text` is a regular expression that the event's text must contain; `skip` lets so many others by.
        """
        gate = self.gate(kind, text=text, request=request, skip=skip)
        try:
            yield gate
        finally:
            if self.process.alive:
                gate.release()

    def trace(self, request: int | None = None, most: int | None = None) -> Trace:
        """Return what has been recorded since the check began: all, one request's, or the first so many events."""
        return Trace.from_json(self.quick("trace", request=request, most=most)["trace"])

    def calls(self, name: str = "") -> list[Called]:
        """Return the calls of the callables that the judge made, or of the one with this name, in order."""
        events = [event for event in self.trace().of(CALLED) if name in ("", event.data["name"])]
        return [Called(event, tuple(decode(arg) for arg in event.data["args"])) for event in events]

    def unawaited(self) -> list[Event]:
        """Return the events of the coroutines that were made since the check began and that nobody awaited.

        One that somebody still holds is not among them: it may yet be awaited.
        """
        self.quick("collect")
        return self.trace().of(NEVER_AWAITED)

    # --- asking

    def quick(self, command: str, **fields: Any) -> dict[str, Any]:
        """Ask for something that runs none of the submission's code, and return the answer.

        Raises:
            RuntimeError: the host refused: the suite asked for what does not exist.
        """
        return _granted(command, self.answer(command, self._send(command, command, CALL_SECONDS, **fields)))

    def _send(self, told: str, command: str, deadline: float, **fields: Any) -> Pending:
        try:
            return self.process.send(command, deadline, **fields)
        except HostEnded as error:
            raise diagnosis.ended(told, error) from None

    def answer(self, told: str, pending: Pending) -> dict[str, Any]:
        """Return a command's answer; raises Failed where the way it ended is a verdict by itself."""
        try:
            answer = self.patience.answer(self.process, pending)
        except HostEnded as error:
            raise diagnosis.ended(told, error) from None
        except HostStuck as error:
            trace = self._last_trace()
            self.process.kill()
            raise diagnosis.stuck(told, error, trace) from None
        if "missing" in answer:
            raise diagnosis.missing(*answer["missing"])
        if "too_large" in answer:
            raise Failed(
                f"{told} came to a result that is too large to look at", "a result of a sensible size"
            )
        return answer

    def _last_trace(self) -> Trace | None:
        try:
            return Trace.from_json(self.process.ask("trace", 1.0)["trace"])
        except (HostEnded, HostStuck, KeyError):
            return None


def _granted(command: str, answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise RuntimeError(
            f"the host could not {command}: {answer['error']['class']}: {answer['error']['text']}"
        )
    return answer


def _written(error: Fault | None) -> Fault | None:
    if (
        error is not None
        and error.cls == "NotImplementedError"
        and error.raised_by("raise NotImplementedError")
    ):
        raise diagnosis.not_written(error)  # a library may raise one, too
    return error


def _test_run(answer: dict[str, Any], left: Sequence[str]) -> TestRun:
    tests = tuple(Tested.of(test) for test in answer["tests"])
    for test in tests:
        _written(test.error)
    collection = tuple(Fault.of(error) for error in answer["collection"])
    looked = tuple(decode(value) for value in answer["looked"])
    return TestRun(tests, collection, answer["stopped"], tuple(left), looked)


def _shown(args: Any, kwargs: Any) -> str:
    shown = [arg.name if isinstance(arg, Handle) else repr(arg) for arg in args]
    return ", ".join([*shown, *(f"{key}={value!r}" for key, value in kwargs.items())])


class App:
    """A started app of the submission."""

    def __init__(self, host: Host, place: Any, lifespan: int) -> None:
        self.host = host
        self.place = place
        self.lifespan = lifespan

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Send a request and return what came back; options are `json`, `content` and `headers`.

        Raises:
            Failed: the request is stuck, has ended the process, or met a part that is not written yet.
        """
        response: Response = self.start(method, path, **options).result()
        return response

    def get(self, path: str, **options: Any) -> Response:
        """Send a GET request."""
        return self.request("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Response:
        """Send a POST request with a JSON body."""
        return self.request("POST", path, json=json, **options)

    def start(self, method: str, path: str, **options: Any) -> Running:
        """Send a request without waiting for the response."""
        told = f"{method} {path}"
        pending = self.host._send(
            told,
            "request",
            CALL_SECONDS,
            app=self.place,
            method=method,
            path=path,
            options=options,
            lifespan=self.lifespan,
        )
        return Running(self.host, told, pending, lambda answer: _response(told, answer))

    def override(self, dependency: str, value: Any) -> None:
        """Override a dependency of the app by a value: `app.dependency_overrides[…] = lambda: value`.

        The dependency is a name of the submission's, or "module:name" of a module that it imports.
        """
        self._told("override", app=self.place, dependency=dependency, with_=encode(value))

    def override_session(self, dependency: str, url: str) -> None:
        """Override a dependency of the app by a session on another database, as a test would."""
        self._told("override_session", app=self.place, dependency=dependency, url=url, is_async=False)

    def override_async_session(self, dependency: str, url: str) -> None:
        """Override a dependency of the app by an AsyncSession on another database, as a test would."""
        self._told("override_session", app=self.place, dependency=dependency, url=url, is_async=True)

    def _told(self, command: str, **fields: Any) -> None:
        self.host.quick(command, **fields)


def _response(told: str, answer: dict[str, Any]) -> Response:
    error = answer["error"] if isinstance(answer.get("error"), dict) else None
    fault = _written(Fault.of(error)) if error else None
    return Response(
        told,
        answer.get("status"),
        answer.get("body"),
        answer.get("headers", {}),
        fault,
        answer.get("request"),
        answer.get("complete", False),
    )
