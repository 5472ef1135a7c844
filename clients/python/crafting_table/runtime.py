"""The half of the client that is written by hand: calls, tries, keys, pages and streams."""
import json
import time
import uuid
from typing import Any, Dict, Iterator, Optional, Tuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

PASSING = {429, 502, 503, 504}
LONGEST_PAUSE_SECS = 30.0


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
    """Asks one farm. A call is sent again while it is away or busy; a POST carries a key by which that is done once."""

    def __init__(self, url: str, token: Optional[str] = None, tries: int = 4, timeout: float = 120.0) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._tries = tries
        self._timeout = timeout
        self._opener = build_opener(_NoRedirect())

    def each(self, method: Any, *args: Any, **kwargs: Any) -> Iterator[Dict[str, Any]]:
        """Every item of a list that comes in pages: `farm.each(farm.get_findings, project="shop")`."""
        cursor = kwargs.pop("cursor", None)
        while True:
            page = method(*args, cursor=cursor, with_pages=True, **kwargs)
            name, answer = page
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

    def _call(self, method: str, path: str, values: Dict[str, Any], query: Dict[str, Any], body: Any, pages: Optional[str], **options: Any) -> Any:
        for name, value in values.items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        asked = _query(query)
        headers = {"accept": "application/json, */*;q=0.5"}
        if method == "POST":
            headers["idempotency-key"] = options.get("idempotency_key") or str(uuid.uuid4())
        if options.get("if_match"):
            headers["if-match"] = options["if_match"]
        data = None
        if body is not None:
            headers["content-type"] = "application/json"
            data = json.dumps(body).encode()
        with self._ask(method, f"{path}?{asked}" if asked else path, headers, data) as answer:
            text = answer.read().decode()
            found = json.loads(text) if "json" in answer.headers.get("content-type", "") else text
        return (pages, found) if options.get("with_pages") else found

    def _ask(self, method: str, path: str, headers: Dict[str, str], data: Optional[bytes] = None) -> Any:
        if self._token:
            headers = {**headers, "authorization": f"Bearer {self._token}"}
        for attempt in range(1, self._tries + 1):
            wait = min(0.2 * 2**attempt, 5.0)
            try:
                return self._opener.open(Request(self._url + path, data, headers, method=method), timeout=self._timeout)
            except HTTPError as error:
                failure: Exception = FarmProblem(error.code, _problem(error))
                after = error.headers.get("retry-after", "")
                wait = float(after) if after.isdigit() and int(after) > 0 else wait
                busy = error.code in PASSING or getattr(failure, "code", "") == "idempotency_key_in_use"
                if not busy or wait > LONGEST_PAUSE_SECS:
                    raise failure from None
            except (URLError, ConnectionError, TimeoutError) as error:
                if method not in ("GET", "POST", "PUT"):
                    raise
                failure = error
            if attempt == self._tries:
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
            except (URLError, ConnectionError, TimeoutError, ValueError):
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


def _query(values: Dict[str, Any]) -> str:
    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "1" if value else "0"
        return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)

    return urlencode({name: text(value) for name, value in values.items() if value is not None})


def _problem(error: HTTPError) -> Dict[str, Any]:
    try:
        found = json.loads(error.read().decode())
        return found if isinstance(found, dict) else {}
    except ValueError:
        return {}
