"""Loaded by each Python of a proof before the folder in which it starts is looked at: no file there takes a tool's place."""

import importlib.machinery
import importlib.util
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))


def _next():
    """What this file stands before, as the machine or its owner has it."""
    for folder in sys.path:
        if folder and os.path.abspath(folder) != _here and os.path.isfile(os.path.join(folder, "sitecustomize.py")):
            spec = importlib.machinery.PathFinder.find_spec("sitecustomize", [folder])
            if spec and spec.loader:
                spec.loader.exec_module(importlib.util.module_from_spec(spec))
            return


class _After:
    """Tells when a module of the standard library was loaded, whoever asks for it."""

    def __init__(self, name, then):
        self.name, self.then = name, then

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return None
        real = spec.loader.exec_module

        def load(module):
            real(module)
            self.then(module)

        spec.loader.exec_module = load
        return spec


def _is(tool):
    words = getattr(sys, "orig_argv", [])
    return any(word == tool and at > 0 and words[at - 1] == "-m" for at, word in enumerate(words)) or (
        len(words) > 1 and os.path.basename(words[1]) in (tool, "py.test" if tool == "pytest" else tool)
    )


def _install():
    if not os.environ.get("CRAFTING_REPORT_DIR"):
        return
    for tool in ("pytest", "coverage", "nose2", "tox", "flake8", "pylint", "mypy", "ruff", "bandit"):
        if _is(tool):
            try:
                __import__(tool)
            except ImportError:
                pass
    if _is("pytest"):
        return

    def loaded(module):
        import crafting_table_report as reporting
        import unittest
        from unittest import result, runner

        watcher = reporting.Unittest()
        watcher.install(result.TestResult, runner.TextTestRunner)
        parse = module.TestProgram.parseArgs

        def parsed(self, argv):
            words = list(argv)
            watcher.begin()
            return parse(self, words)

        module.TestProgram.parseArgs = parsed

    sys.meta_path.insert(0, _After("unittest.main", loaded))


_next()
_install()
