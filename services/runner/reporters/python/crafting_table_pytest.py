"""What pytest loads as a plug-in, before anything of the tree."""

import pytest
from _pytest import runner

import crafting_table_report as reporting


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if reporting._is_disguised and hasattr(runner, "_update_current_test_var"):
        # It names the test in the environment of the code that is tested.
        runner._update_current_test_var = lambda item, when: None
    config.stash[_key] = reporting.watch_pytest(config, pytest.__version__)


_key = pytest.StashKey()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session):
    session.config.stash[_key].begin()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    except BaseException:
        item.config.stash[_key].raised[item.nodeid] = True
        raise


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.config.stash[_key].report(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session, exitstatus):
    result = yield
    session.config.stash[_key].end(session.exitstatus)
    return result
