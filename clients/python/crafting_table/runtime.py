"""The half of the client that is written by hand: calls, tries, keys, pages and streams."""
import json
import random
import time
import uuid
from typing import Any, Callable, Dict, Iterator, Optional, Tuple
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

PASSING = {429, 502, 503, 504}

#: Hears the status and the headers of an answer; `headers["etag"]` names the version of what was asked for.
OnAnswer = Optional[Callable[[int, Any], None]]


class FarmProblem(Exception):
    """What the farm says is wrong (RFC 9457). `code` is a stable word, explained at /problems/{code}."""

    def __init__(self, status: int, problem: Dict[str, Any]) -> None:
        super().__init__(problem.get("detail") or problem.get("title") or f"the farm answered {status}")
        self.status = status
        self.code = problem.get("code", "")
        self.problem = problem


class _NoRedirect(HTTPRedirectHandler):
    """The bearer goes to one address alone."""

    def redirect_request(self, *_args: Any) -> None:
        return None


class FarmBase:
    """Asks one farm. A call is sent again while it is away or busy; a POST carries a key by which that is done once.

    `patience` is for how many seconds a call is sent again, `tries` how often at most, `timeout` how long one may take.
    """

    #: The list in each answer that comes in pages, by the method that asks for it.
    _pages: Dict[str, str] = {}

    def __init__(self, url: str, token: Optional[str] = None, tries: Optional[int] = None, timeout: float = 120.0, patience: float = 30.0) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._tries = tries
        self._patience = patience
        self._timeout = timeout
        self._opener = build_opener(_NoRedirect())

    def each(self, method: Any, *args: Any, **kwargs: Any) -> Iterator[Dict[str, Any]]:
        """Every item of a list that comes in pages: `farm.each(farm.get_findings, project="shop")`."""
        name = self._pages.get(method.__name__)
        if name is None:
            raise TypeError(f"{method.__name__} has no pages")
        cursor = kwargs.pop("cursor", None)
        while True:
            answer = method(*args, cursor=cursor, **kwargs)
            yield from answer[name]
            cursor = answer.get("next_cursor")
            if not cursor:
                return

    def follow_log(self, job_id: str) -> Iterator[Tuple[str, str]]:
        """What a job prints, as pairs of pipe and text, until it is over."""
        for _, event, data in self._stream(f"/jobs/{quote(job_id, safe='')}/log?follow=1"):
            if event == "end":
                return
            yield event, data

    def events(self, **query: Any) -> Iterator[Dict[str, Any]]:
        """What happens at the farm, from `from_` on (a sequence, a time, "start" or "now")."""
        if "from_" in query:
            query["from"] = query.pop("from_")
        for _, _, data in self._stream(f"/events?{_query({'follow': '1', **query})}"):
            yield json.loads(data)

    def _call(self, method: str, path: str, values: Dict[str, Any], query: Dict[str, Any], body: Any, *, repeated: Tuple[str, ...] = (), idempotency_key: Optional[str] = None, if_match: Optional[str] = None, on_answer: OnAnswer = None) -> Any:
        for name, value in values.items():
            path = path.replace("{" + name + "}", _segment(value))
        asked = _query(query, repeated)
        headers = {"accept": "application/json, */*;q=0.5"}
        if method == "POST":
            headers["idempotency-key"] = idempotency_key or str(uuid.uuid4())
        if if_match:
            headers["if-match"] = if_match
        data = None
        if body is not None:
            headers["content-type"] = "application/json"
            data = json.dumps(body).encode()
        with self._ask(method, f"{path}?{asked}" if asked else path, headers, data) as answer:
            text = answer.read().decode()
            if on_answer:
                on_answer(answer.status, answer.headers)
            return json.loads(text) if "json" in answer.headers.get("content-type", "") else text

    def _ask(self, method: str, path: str, headers: Dict[str, str], data: Optional[bytes] = None) -> Any:
        if self._token:
            headers = {**headers, "authorization": f"Bearer {self._token}"}
        begun = time.monotonic()
        attempt = 0
        while True:
            attempt += 1
            wait = min(0.2 * 2 ** min(attempt, 5), 5.0) * random.uniform(0.5, 1.0)
            try:
                return self._opener.open(Request(self._url + path, data, headers, method=method), timeout=self._timeout)
            except HTTPError as error:
                failure: Exception = FarmProblem(error.code, _problem(error))
                after = error.headers.get("retry-after", "")
                wait = float(after) if after.isdigit() and int(after) > 0 else wait
                busy = error.code in PASSING or getattr(failure, "code", "") == "idempotency_key_in_use"
                if not busy:
                    raise failure from None
            except (URLError, ConnectionError, TimeoutError, HTTPException) as error:
                if method not in ("GET", "POST", "PUT"):
                    raise
                failure = error
            if attempt == self._tries or time.monotonic() - begun + wait > self._patience:
                raise failure
            time.sleep(wait)

    def _stream(self, path: str) -> Iterator[Tuple[str, str, str]]:
        last = ""
        failures = 0
        while failures <= 10:
            headers = {"accept": "text/event-stream"}
            if last:
                headers["last-event-id"] = last
            try:
                with self._ask("GET", path, headers) as answer:
                    for one in _events(answer):
                        failures = 0
                        last = one[0] or last
                        yield one
                        if one[1] == "end":
                            return
            except FarmProblem as problem:
                if problem.status not in PASSING:
                    raise
            except (URLError, ConnectionError, TimeoutError, HTTPException, ValueError):
                pass
            failures += 1
            time.sleep(min(failures * 0.5, 5.0))
        raise ConnectionError(f"the stream of {path} broke off ten times")


def _events(answer: Any) -> Iterator[Tuple[str, str, str]]:
    fields: Dict[str, str] = {}
    data: list = []
    for raw in answer:
        line = raw.decode().rstrip("\n")
        if line == "":
            if data:
                yield fields.get("id", ""), fields.get("event", "message"), "\n".join(data)
            fields, data = {}, []
            continue
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "data":
            data.append(value)
        elif name in ("id", "event"):
            fields[name] = value


def _segment(value: Any) -> str:
    text = str(value)
    return text.replace(".", "%2E") if text in (".", "..") else quote(text, safe="")


def _query(values: Dict[str, Any], repeated: Tuple[str, ...] = ()) -> str:
    """A list is sent as the description says: by its name again and again, or with commas."""

    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "1" if value else "0"
        return str(value)

    def items(name: str, value: Any) -> list:
        if not isinstance(value, (list, tuple)):
            return [text(value)]
        return [text(one) for one in value] if name in repeated else [",".join(map(text, value))]

    return urlencode([(name, one) for name, value in values.items() if value is not None for one in items(name, value)])


def _problem(error: HTTPError) -> Dict[str, Any]:
    try:
        found = json.loads(error.read().decode())
        return found if isinstance(found, dict) else {}
    except ValueError:
        return {}
