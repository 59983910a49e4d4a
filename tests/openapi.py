"""contrib/openapi.json as tests read it: its operations, its references, and whether what the daemon answers is what it
says.

A new route: its operation under `paths`, with the words of api.c's table as its `summary`; `security` as its neighbours
where the post-token opens it, `x-public` where the public port serves it; its shape under `components/schemas` unless it is
used once; a call of it in test_openapi.py. The tests say which of these is missing."""
import json
import os
import re
import warnings

import jsonschema

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "contrib", "openapi.json")
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


def once(pairs):
    """An object whose names stand once each: a parser would take the last and say nothing."""
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"a name stands twice among {names}"
    return dict(pairs)


def read():
    with open(PATH, encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=once)


class Description:
    def __init__(self, document=None):
        self.document = document or read()

    def operations(self):
        """(METHOD, path, operation), the path's own parameters among the operation's."""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method in METHODS:
                    yield method.upper(), path, dict(
                        operation, parameters=item.get("parameters", []) + operation.get("parameters", []))

    def follow(self, reference):
        assert reference.startswith("#/"), reference
        at = self.document
        for step in reference[2:].split("/"):
            at = at[step.replace("~1", "/").replace("~0", "~")]
        return at

    def resolved(self, node):
        return self.follow(node["$ref"]) if "$ref" in node else node

    def references(self, node=None):
        node = self.document if node is None else node
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            node = list(node.values())
        if isinstance(node, list):
            for one in node:
                yield from self.references(one)

    def find(self, method, target):
        """The operation that a call is; literal paths before those with variables, as in the daemon's table."""
        asked = target.partition("?")[0]
        for most in sorted(self.operations(), key=lambda one: one[1].count("{")):
            pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(most[1]))
            if most[0] == method and re.fullmatch(pattern, asked):
                return most
        raise AssertionError(f"{method} {asked} is not described")

    def check(self, schema, value, what):
        """That a value is of a schema, which may refer into the document."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            resolver = jsonschema.RefResolver("", self.document)
            checker = jsonschema.Draft202012Validator(schema, resolver=resolver)
            errors = [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:300]}" for one in
                      checker.iter_errors(value)]
        assert not errors, f"{what}: " + "; ".join(errors[:5])

    def check_query(self, operation, target, what):
        named = {one["name"] for one in map(self.resolved, operation["parameters"]) if one["in"] == "query"}
        for pair in filter(None, target.partition("?")[2].split("&")):
            assert pair.partition("=")[0] in named, f"{what}: {pair} is not described"

    def check_body(self, operation, body, kind, what):
        described = self.resolved(operation["requestBody"])["content"] if "requestBody" in operation else {}
        assert kind in described, f"{what}: takes no {kind}"
        for one in body.splitlines() if kind.endswith("ndjson") else [body] if kind.endswith("json") else []:
            self.check(described[kind].get("schema", {}), json.loads(one), what + ", the request")

    def check_answer(self, operation, answer, what):
        responses = operation["responses"]
        response = responses.get(str(answer.status), responses.get("default"))
        assert str(answer.status) in responses or answer.status >= 400, f"{what}: {answer.status} is not described"
        content = self.resolved(response)["content"]
        kind = answer.headers["Content-Type"].partition(";")[0]
        assert kind in content, f"{what}: {answer.status} as {kind} is not described"
        if kind.endswith("ndjson"):
            for line in answer.body.splitlines():
                self.check(content[kind]["schema"], json.loads(line), what)
        elif kind.endswith("json"):
            self.check(content[kind]["schema"], answer.json, what)


class Recorder:
    """Takes the place of a shop's `call`: each call and answer is held against the description."""

    def __init__(self, shop, description):
        self.shop, self.description = shop, description
        self.call_shop, self.answered, self.shown = shop.call, {}, []
        shop.call = self.call

    def call(self, method, path, body=None, headers=None, **more):
        answer = self.call_shop(method, path, body, headers, **more)
        _, route, operation = self.description.find(method, path)
        what = f"{method} {path}"
        self.answered.setdefault((method, route), set()).add(answer.status)
        self.shown.append((method, route, answer))
        self.description.check_query(operation, path, what)
        if body is not None and answer.status < 300:
            text = body if isinstance(body, (bytes, str)) else json.dumps(body)
            kind = (headers or {}).get("Content-Type", "application/json").partition(";")[0]
            self.description.check_body(operation, text, kind, what)
        self.description.check_answer(operation, answer, what)
        return answer
