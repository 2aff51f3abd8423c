"""Stranger tries every door: a row of every model of the other estate in every place in which one can stand.

The doors come from the OpenAPI document, the address map, the commands and the lists as files; the rows from the
models. What a door says is searched for anything of the other estate's, and what it wrote for what leads to it.
"""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from msgspec.json import schema as json_schema_of

from core.errors import ClustrError
from estates.models import Block, Estate, Unit
from realtime.commands import Command, run_command
from tests.support.cast import Cast
from tests.support.endpoints import PLACES, WORDS, Endpoint, address_of, resolved, thing_in
from tests.support.world import MARK, World, all_models

_WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
#: Shorter words are in everything.
SHORTEST = 6
#: Members that a client makes up: they name nothing of anybody's.
MADE_UP = frozenset({"device", "key", "ref"})
#: Ids that a client makes for a row that is to be. Where another has it already, his own may still be called the same.
NEW = frozenset({"id", "message_id"})


@dataclass
class Finding:
    """`sent` to the door, and what it gave away: its answer, or what it wrote."""

    door: str
    sent: str
    gave: str

    def __str__(self) -> str:
        return f"{self.door} with {self.sent}: {self.gave}"


@dataclass
class Sweep:
    """`theirs`: the world that Stranger must not learn of; `own`: his, so that what is his own is found."""

    cast: Cast
    theirs: World = field(init=False)
    own: World = field(init=False)
    findings: list[Finding] = field(default_factory=list)
    #: How often a door was tried.
    tries: int = 0
    _written: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.theirs = World(self.cast.musa).fill()
        self.own = World(self.cast.stranger, mark="Homewords").fill()
        theirs = [person for person in self.cast.people if person.estate == self.cast.estate]
        words = {MARK, self.cast.estate.name, self.cast.estate.slug}
        for person in theirs:
            words |= {person.name, person.email, person.phone, str(person.id), str(person.user.pk)}
        words |= {str(pk) for pk in self.theirs.ids().values()} | set(self._words_of(self.theirs))
        own = {str(pk) for pk in self.own.ids().values()} | set(self._words_of(self.own))
        self.secrets = {word for word in words - own if len(word) >= SHORTEST}
        self.accounts = {str(person.user.pk) for person in theirs}

    # --- doors --------------------------------------------------------------------------------------------------------

    def knock(self, endpoint: Endpoint) -> None:
        """Every place of one endpoint: path, query and body."""
        for place in endpoint.places:
            if place not in WORDS and place != "estate_id":
                self._call(endpoint, {place: thing_in(place, self.theirs)}, "its path", is_missing=True)
        if endpoint.is_of_an_estate:
            everywhere = {place: thing_in(place, self.theirs) for place in endpoint.places}
            self._call(endpoint, everywhere, "the other estate in its path", is_missing=True)
        for name, schema in endpoint.query.items():
            for value in self._foreign_values(name, schema):
                self._call(endpoint, {}, f"{name}={value}", query={name: value})
        for trail, name, schema in _members(endpoint.body):
            for value in self._foreign_values(name, schema):
                body = _with(self._body(endpoint.body), endpoint.body, trail, value, self._value)
                self._call(endpoint, {}, f"{'.'.join(map(str, trail))}={value}", body=body)
        if not endpoint.places or endpoint.places == ["estate_id"]:
            self._call(endpoint, {}, "nothing")

    def command(self, command: Command) -> None:
        """Every member of a socket command's data."""
        schema = _schema_of(command)
        self._run(command, self._body(schema), sent="nothing", value=None)
        for trail, name, part in _members(schema):
            for value in self._foreign_values(name, part):
                body = _with(self._body(schema), schema, trail, value, self._value)
                self._run(command, body, sent=f"{'.'.join(map(str, trail))}={value}", value=value)

    def bring_in(self, name: str) -> None:
        """A file that names people and homes of the other estate."""
        api, url = self.cast.stranger.api, self.cast.stranger.url
        heads = api.get(url(f"exports/{name}/?template=true&format=csv")).content.decode("utf-8-sig").strip()
        cells = {head: self._cell(head) for head in heads.split(",")}
        text = f"{heads}\n{','.join(cells.values())}\n".encode()
        with self._try():
            file = SimpleUploadedFile("list.csv", text)
            answer = api.post(url("imports/"), {"list": name, "file": file}, format="multipart")
            self._listen(f"import of {name}", str(cells), set(cells.values()), answer)
            if answer.status_code == 201:
                job = answer.json()["id"]
                for partial in (False, True):
                    body = {"partial": partial}
                    done = api.post(url(f"imports/{job}/apply/"), body, format="json")
                    self._listen(f"import of {name}", str(cells), set(cells.values()), done)
                self._look_around(f"import of {name}", str(cells), set(cells.values()))

    def take_out(self, name: str) -> None:
        for kind in ("csv", "xlsx"):
            answer = self.cast.stranger.api.get(self.cast.stranger.url(f"exports/{name}/?format={kind}"))
            text = answer.content if kind == "csv" else _text_of_xlsx(answer.content)
            self._hear(f"export of {name}", "nothing", set(), text.decode(errors="replace"))
            self.tries += 1

    def page(self, path: str) -> None:
        """A page of his own estate with the other's row in its path, and one of the other estate's."""
        places = re.findall(r"<\w+:(\w+)>", path)
        pattern = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", path)
        client = Client()
        client.force_login(self.cast.stranger.user)
        for strange in [[place] for place in places if place != "estate_id"] + [places]:
            given = {place: thing_in(place, self.theirs) for place in strange}
            answer = client.get(address_of(pattern, self.own, **given))
            self._hear(path, str(given), set(given.values()), answer.content.decode())
            if answer.status_code != 404:
                self.findings.append(Finding(path, str(given), f"status {answer.status_code}"))
            self.tries += 1

    # --- what came of it ----------------------------------------------------------------------------------------------

    def _call(
        self,
        endpoint: Endpoint,
        strange: dict[str, str],
        sent: str,
        *,
        query: dict[str, str] | None = None,
        body: Any = None,
        is_missing: bool = False,
    ) -> None:
        path = address_of(endpoint.path, self.own, **strange)
        said = {*strange.values(), *(query or {}).values(), *_texts(body)}
        client = self.cast.stranger.api
        with self._try():
            if endpoint.method == "get":
                answer = client.get(path, query or {})
            else:
                given = self._body(endpoint.body) if body is None else body
                answer = getattr(client, endpoint.method)(path, given, format="json")
            self._listen(str(endpoint), sent, said, answer)
            if is_missing and answer.status_code != 404:
                # A place in the path must look as empty as if there were no such row.
                self.findings.append(Finding(str(endpoint), sent, f"status {answer.status_code}"))
            is_narrowed = endpoint.is_list and query and answer.status_code == 200
            if is_narrowed and answer.json()["results"]:
                self.findings.append(Finding(str(endpoint), sent, "rows where none is his"))
            if endpoint.method != "get" and answer.status_code < 300:
                self._look_around(str(endpoint), sent, said)

    def _run(self, command: Command, body: Any, *, sent: str, value: str | None) -> None:
        said = {*_texts(body), value or ""}
        with self._try():
            try:
                reply = run_command(
                    command.name, json.dumps(body).encode(), key=None, actor=self.cast.stranger.member
                )
            except ClustrError as error:
                self._hear(command.name, sent, said, f"{error.detail} {error.fields} {error.extra}")
            else:
                self._hear(command.name, sent, said, json.dumps(reply))
                self._look_around(command.name, sent, said)

    def _listen(self, door: str, sent: str, said: set[str], answer: Any) -> None:
        if answer.status_code >= 500:
            self.findings.append(Finding(door, sent, f"status {answer.status_code}"))
        headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
        self._hear(door, sent, said, headers + answer.content.decode(errors="replace"))

    def _hear(self, door: str, sent: str, said: set[str], text: str) -> None:
        """What he said himself comes back in errors and addresses, and tells him nothing."""
        heard = sorted(word for word in self.secrets - said if word.lower() in text.lower())
        if heard and not any(word in one for word in heard for one in said):
            self.findings.append(Finding(door, sent, f"told {heard[:3]}"))

    def _look_around(self, door: str, sent: str, said: set[str]) -> None:
        """Whether what was written changed the other estate, or leads from his own to it."""
        tables, self._written = self._written, set()
        theirs = self._rows_of(self.theirs, tables)
        changed = {name for name, rows in theirs.items() if rows != self._before[name]}
        if changed:
            self.findings.append(Finding(door, sent, f"changed {sorted(changed)} of the other estate"))
        if sent.split("=")[0].split(".")[-1] in NEW:
            return
        ids = {word for word in self.secrets - self.accounts if _is_uuid(word)}
        for name, rows in self._rows_of(self.own, tables).items():
            leads = {
                word for word in ids for row in rows if word in row and row not in self._own_before[name]
            }
            if leads:
                self.findings.append(Finding(door, sent, f"{name} of his leads to {sorted(leads)[:2]}"))

    def remember(self) -> "Sweep":
        """How both estates stand before he begins."""
        tables = set(connection.introspection.django_table_names())
        self._before, self._own_before = (self._rows_of(world, tables) for world in (self.theirs, self.own))
        return self

    @contextmanager
    def _try(self) -> Iterator[None]:
        """One try, of which nothing stays. Notes which tables are written to."""

        def note(execute: Any, sql: str, *rest: Any) -> Any:
            if written := _WRITES.match(sql):
                self._written.add(written[1])
            return execute(sql, *rest)

        cache.clear()
        self.tries += 1
        self._written = set()
        with transaction.atomic(), connection.execute_wrapper(note):
            yield
            transaction.set_rollback(True)

    def _rows_of(self, world: World, tables: set[str]) -> dict[str, list[str]]:
        found = {}
        for model in all_models():
            of_estate = "pk" if model is Estate else "estate_id"
            if model._meta.db_table in tables and (model is Estate or _is_of_an_estate(model)):
                rows = model._base_manager.filter(**{of_estate: world.person.estate.pk}).order_by("pk")
                found[model._meta.label] = [str(row) for row in rows.values_list()]
        return found

    # --- what is put where --------------------------------------------------------------------------------------------

    def _foreign_values(self, name: str, schema: dict[str, Any]) -> list[str]:
        """What of the other estate's could stand in a place of this name and type."""
        kinds = [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]
        text = next((one for one in kinds if one.get("type") == "string" and "enum" not in one), None)
        if text is None or name in MADE_UP:
            return []
        if text.get("format") == "uuid":
            try:
                return [thing_in(name, self.theirs)]
            except AssertionError:
                # Nobody has said which model's it is: then of each.
                return sorted({pk for pk in self.theirs.ids().values() if _is_uuid(pk)})
        if text.get("format") in ("date", "date-time", "binary", "time"):
            return []
        if name in PLACES:
            return [thing_in(name, self.theirs)]
        ada = self.cast.ada
        if name == "q":
            return [MARK, ada.name, ada.email, ada.phone, str(ada.id), self.theirs.row(Unit).name]
        return [self._cell(name)]

    def _cell(self, name: str) -> str:
        ada = self.cast.ada
        if name == "kind":
            return "owner"
        if name in ("latitude", "longitude"):
            return "1"
        known = {"phone": ada.phone, "email": ada.email, "unit": self.theirs.row(Unit).name}
        return known.get(name) or (self.theirs.row(Block).name if name == "block" else MARK)

    def _body(self, schema: dict[str, Any] | None) -> Any:
        return {} if schema is None else self._value("", schema)

    def _value(self, name: str, schema: dict[str, Any]) -> Any:
        """The least that is right in form, around what is Stranger's own."""
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self._value(name, next(one for one in schema[several] if one.get("type") != "null"))
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "object" | None:
                parts = schema.get("properties", {})
                return {part: self._value(part, parts[part]) for part in schema.get("required", ())}
            case "array":
                return [self._value(name, schema["items"])] if schema.get("items") else []
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return False
            case "string":
                return self._text(name, schema.get("format", ""))
        return None

    def _text(self, name: str, kind: str) -> str:
        if kind == "uuid":
            try:
                return thing_in(name, self.own)
            except AssertionError:
                return str(uuid.uuid4())
        known = {"date": "2026-11-25", "date-time": "2026-11-25T12:00:00Z", "time": "12:00:00"}
        if kind in known:
            return known[kind]
        if name in PLACES:
            return thing_in(name, self.own)
        return {"phone": "+447700900777", "email": "nobody@example.test"}.get(name, "Homewords")

    @staticmethod
    def _words_of(world: World) -> Iterator[str]:
        """Every text in the rows of a world."""
        for row in world.rows.values():
            for one in row._meta.concrete_fields:
                value = getattr(row, one.attname)
                is_text = isinstance(one, models.CharField | models.TextField) and not one.choices
                if is_text and world.mark.lower() in str(value).lower():
                    yield str(value)


def pages() -> list[str]:
    """The addresses of the pages that belong to an estate."""
    return [path for path in _paths(get_resolver()) if "<uuid:estate_id>" in path and path[:4] != "api/"]


def _paths(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _paths(entry, path)
        elif isinstance(entry, URLPattern):
            yield path


def _schema_of(command: Command) -> dict[str, Any]:
    whole = json_schema_of(command.shape, ref_template="#/components/schemas/{name}")
    found: dict[str, Any] = resolved(
        {name: part for name, part in whole.items() if name != "$defs"},
        {"components": {"schemas": whole.get("$defs", {})}},
    )
    return found


def _members(schema: dict[str, Any] | None, trail: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Each text in a body, however deep: where it is, its name and its schema."""
    if not schema:
        return
    for several in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(several, ()):
            yield from _members(one, trail)
    for name, part in schema.get("properties", {}).items():
        yield (*trail, name), name, part
        yield from _members(part, (*trail, name))
    items = schema.get("items")
    if isinstance(items, dict):
        if trail:
            yield (*trail, 0), str(trail[-1]).removesuffix("s"), items
        yield from _members(items, (*trail, 0))


def _with(body: Any, schema: Any, trail: tuple[Any, ...], value: str, value_of: Any) -> Any:
    """`body` with `value` at the end of the trail; what lies on the way is made where it is missing."""
    at: Any = body
    part: Any = schema
    for step, following in zip(trail, (*trail[1:], None), strict=True):
        part = _inside(part, step)
        if following is None:
            if isinstance(at, list) and not at:
                at.append(value)
            else:
                at[step] = value
            break
        missing = value_of(str(step), part) if part else ([] if isinstance(following, int) else {})
        if isinstance(at, list):
            if not at:
                at.append(missing)
        elif not isinstance(at.get(step), dict | list):
            at[step] = missing
        at = at[step]
    return body


def _inside(schema: Any, step: Any) -> Any:
    kinds = [schema or {}]
    for one in kinds:
        for several in ("anyOf", "oneOf", "allOf"):
            kinds += one.get(several, ())
        found = one.get("items") if isinstance(step, int) else one.get("properties", {}).get(step)
        if found:
            return found
    return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value


def _is_of_an_estate(model: type[models.Model]) -> bool:
    return any(one.name == "estate" for one in model._meta.concrete_fields)


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _text_of_xlsx(content: bytes) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b" ".join(archive.read(name) for name in archive.namelist())
