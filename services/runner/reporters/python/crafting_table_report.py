"""Writes what a runner of Python's tests did, line by line, to a folder outside of the tree.

Each process takes one key out of the folder and signs its lines with it, each line with what stood before it: a line that
somebody else writes, changes or takes away is noticed. A session that began and has no end did not come to its end.
"""

import builtins
import hashlib
import hmac
import json
import os
import re
import sys
import time

_write, _dumps, _new, _sha, _clock = os.write, json.dumps, hmac.new, hashlib.sha256, time.monotonic
_folder = os.environ.pop("CRAFTING_REPORT_DIR", None)
_is_disguised = os.environ.pop("CRAFTING_DISGUISED", None) == "1"


class Channel:
    """One session of one process. Does nothing where there is no folder, or no key is left in it."""

    def __init__(self):
        self.fd, self.mac, self.key = -1, b"", b""
        keys = os.path.join(_folder, "keys") if _folder else ""
        for name in sorted(os.listdir(keys)) if keys and os.path.isdir(keys) else []:
            taken = os.path.join(keys, name)
            try:
                mine = "%s.%d" % (taken, os.getpid())
                os.rename(taken, mine)
                with open(mine, "rb") as file:
                    self.key = file.read().strip()
                os.unlink(mine)
                path = os.path.join(_folder, name + ".jsonl")
                self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
                return
            except OSError:
                continue

    def say(self, **record):
        if self.fd < 0:
            return
        line = _dumps(record, sort_keys=True)
        self.mac = _new(self.key, self.mac + line.encode(), _sha).hexdigest().encode()
        _write(self.fd, self.mac + b" " + line.encode() + b"\n")


def _targets():
    """What judges: code that only somebody who wants to be judged otherwise replaces."""
    names = ["unittest.case", "unittest.result", "unittest.runner", "unittest.suite", "unittest.mock", "operator"]
    names += ["_pytest.runner", "_pytest.python", "_pytest.reports", "_pytest.raises", "_pytest.python_api", "_pytest.unittest"]
    names += ["_pytest.assertion.rewrite", "_pytest.assertion.util", "_pytest.main", "_pytest.terminal", "pluggy._callers"]
    for name in names:
        module = _modules.get(name) or sys.modules.get(name)
        if module is None:
            continue
        for key, value in list(vars(module).items()):
            if isinstance(value, type) and getattr(value, "__module__", None) == name:
                for inner, found in list(vars(value).items()):
                    if callable(found) or isinstance(found, (property, staticmethod, classmethod)):
                        yield "%s.%s.%s" % (name, key, inner), found
            elif callable(value):
                yield "%s.%s" % (name, key), value
    for key, value in list(vars(builtins).items()):
        if callable(value) and key not in ("__import__", "_", "copyright", "credits", "license", "exit", "quit", "help"):
            yield "builtins." + key, value


def _changed(watcher):
    return (watcher.guard.changed() if watcher.guard else [])[:20] + sorted(watcher.readers.seen)[:20]


_modules = {}


def _looks(value):
    code = getattr(value, "__code__", None)
    return (value, code)


class Guard:
    """Whether what judges is still what it was."""

    def __init__(self):
        self.known = {name: _looks(value) for name, value in _targets()}

    def changed(self):
        now = dict(_targets())
        return sorted(
            name
            for name, (value, code) in self.known.items()
            if now.get(name) is not value or getattr(now.get(name), "__code__", None) is not code
        )


class Disguise:
    """Takes away what tells code that it is tested: the runner's modules, its words and its variables."""

    def __init__(self, roots, variables):
        self.roots, self.variables, self.real, self.depth = frozenset(roots), variables, builtins.__import__, 0

    def hide(self):
        for name in list(sys.modules):
            if name.split(".")[0] in self.roots:
                _modules[name] = sys.modules.pop(name)
        for name in self.variables:
            os.environ.pop(name, None)

    def start(self):
        if not _is_disguised:
            return
        sys.argv[:] = ["app"]
        sys.orig_argv[:] = ["app"]
        builtins.__import__ = self.load
        self.hide()

    def load(self, name, globals=None, locals=None, fromlist=(), level=0):
        asking = str((globals or {}).get("__name__", "")).split(".")[0]
        root = name.split(".")[0] if level == 0 else asking
        if self.depth == 0 and root not in self.roots and asking not in self.roots:
            return self.real(name, globals, locals, fromlist, level)
        if root not in self.roots and level == 0:
            return self.real(name, globals, locals, fromlist, level)
        sys.modules.update(_modules)
        self.depth += 1
        try:
            return self.real(name, globals, locals, fromlist, level)
        finally:
            self.depth -= 1
            if self.depth == 0:
                self.hide()


_is_test = re.compile(r"(?:^|/)(?:tests?/.*\.py|test_[^/]*\.py|[^/]*_test\.py|conftest\.py)$").search


class Readers:
    """Code that reads the tests by which it is judged."""

    def __init__(self):
        self.root, self.seen, self.frame = os.path.realpath(os.getcwd()) + os.sep, set(), sys._getframe
        sys.addaudithook(self.heard)

    def heard(self, event, details):
        if event != "open" or not details or not isinstance(details[0], (str, bytes)):
            return
        path = os.path.abspath(os.fsdecode(details[0]))
        if not path.startswith(self.root) or not _is_test(path[len(self.root) - 1 :]):
            return
        frame = self.frame(1)
        while frame is not None:
            place = os.path.abspath(frame.f_code.co_filename)
            if place.startswith(self.root):
                if not _is_test(place[len(self.root) - 1 :]):
                    self.seen.add("%s read by %s" % (path[len(self.root) :], place[len(self.root) :]))
                return
            frame = frame.f_back


def watch_pytest(config, version):
    """The plug-in of pytest, and how it ends."""
    return _Pytest(config, version)


class _Pytest:
    def __init__(self, config, version):
        self.channel, self.guard, self.raised, self.readers = Channel(), None, {}, Readers()
        self.channel.say(k="start", tool="pytest", version=version)
        self.disguise = Disguise(["pytest", "_pytest", "pluggy", "iniconfig", "py"], ["PYTEST_VERSION", "PYTEST_ADDOPTS"])

    def begin(self):
        self.guard = Guard()
        self.disguise.start()

    def report(self, report):
        if report.when == "call" or report.outcome != "passed":
            is_expected = hasattr(report, "wasxfail")
            outcome = "error" if report.when != "call" and report.outcome == "failed" else report.outcome
            if is_expected:
                outcome = "xfailed" if report.outcome == "skipped" else "xpassed"
            if self.raised.get(report.nodeid) and outcome == "passed":
                outcome = "doubtful"
            self.channel.say(k="test", id=report.nodeid, outcome=outcome, ms=int(report.duration * 1000))

    def end(self, status):
        self.channel.say(k="end", exit=int(status), changed=_changed(self))


class Unittest:
    """What unittest's own results say, as its classes call themselves."""

    def __init__(self):
        self.channel, self.guard, self.started, self.readers = Channel(), None, {}, Readers()
        self.disguise = Disguise(["unittest"], [])

    def install(self, result, runner):
        mine = self

        def told(name, outcome):
            real = getattr(result, name)

            def wrapper(self, test, *rest, **named):
                failed = name == "addSubTest" and (rest[1] if len(rest) > 1 else None) is not None
                if name != "addSubTest" or failed:
                    ms = int((_clock() - mine.started.pop(test.id(), _clock())) * 1000)
                    mine.channel.say(k="test", id=test.id(), outcome="failed" if failed else outcome, ms=ms)
                return real(self, test, *rest, **named)

            setattr(result, name, wrapper)

        outcomes = {"addSuccess": "passed", "addFailure": "failed", "addError": "error", "addSkip": "skipped"}
        outcomes.update(addExpectedFailure="xfailed", addUnexpectedSuccess="xpassed", addSubTest="failed")
        for name, outcome in outcomes.items():
            told(name, outcome)
        began = result.startTest

        def start(self, test):
            mine.started[test.id()] = _clock()
            return began(self, test)

        result.startTest = start
        ran = runner.run

        def run(self, test):
            found = ran(self, test)
            mine.channel.say(k="end", exit=0 if found.wasSuccessful() else 1, changed=_changed(mine))
            return found

        runner.run = run

    def begin(self):
        self.channel.say(k="start", tool="unittest", version=sys.version.split()[0])
        self.guard = Guard()
        self.disguise.start()
