"""As much of Kubernetes' API as Helm asks for, on this machine: it keeps the objects it is given and starts nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from tests.deploy.manifests import Object

Answer = Response | tuple[Response, int]


def plural(kind: str) -> str:
    """The word for a kind in addresses."""
    word = kind.lower()
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}{'es' if word.endswith('s') else 's'}"


def status(code: int, reason: str) -> Answer:
    return jsonify(kind="Status", apiVersion="v1", status="Failure", code=code, reason=reason, message=reason), code


class Cluster:
    """``objects``: what is there, by kind and name. ``made``: what came into being since somebody looked last."""

    def __init__(self, kinds: Iterable[tuple[str, str]]) -> None:
        """``kinds``: those it knows, each with the version of the API it belongs to."""
        self.address = ""
        self.kinds = sorted(set(kinds))
        self.objects: dict[tuple[str, str], Object] = {}
        self.made: list[Object] = []

    def all(self, kind: str) -> list[Object]:
        return [one for (of, _), one in sorted(self.objects.items()) if of == kind]

    def app(self) -> Flask:
        app = Flask("kubernetes")
        versions = sorted({version for version, _ in self.kinds})
        groups = [version for version in versions if "/" in version]
        app.add_url_rule("/version", view_func=lambda: jsonify(major="1", minor="33", gitVersion="v1.33.0"))
        app.add_url_rule("/api", "core", lambda: jsonify(kind="APIVersions", versions=["v1"]))
        app.add_url_rule("/apis", "groups", lambda: jsonify(kind="APIGroupList", groups=[*map(self._group, groups)]))
        app.add_url_rule("/openapi/v3", "documents", lambda: jsonify(paths={
            path: {"serverRelativeURL": f"/openapi/v3/{path}"}
            for path in (f"{'apis' if '/' in version else 'api'}/{version}" for version in versions)
        }))  # fmt: skip
        app.add_url_rule("/openapi/v3/<any(api, apis):root>/<path:version>", "document", self._document)
        for version in versions:
            root = f"/{'apis' if '/' in version else 'api'}/{version}"
            app.add_url_rule(root, f"{version} kinds", self._kinds, defaults={"version": version})
            for path in ("", "/namespaces/<namespace>"):
                app.add_url_rule(
                    f"{root}{path}/<word>/<name>", f"{version}{path}", self._one, methods=["GET", "PATCH", "DELETE"]
                )
        return app

    @staticmethod
    def _group(version: str) -> Object:
        told = {"groupVersion": version, "version": version.partition("/")[2]}
        return {"name": version.partition("/")[0], "versions": [told], "preferredVersion": told}

    def _kinds(self, version: str) -> Answer:
        resources = [
            {"name": plural(kind), "kind": kind, "namespaced": kind != "PriorityClass", "verbs": ["get", "patch"]}
            for of, kind in self.kinds
            if of == version
        ]
        return jsonify(kind="APIResourceList", groupVersion=version, resources=resources)

    def _document(self, root: str, version: str) -> Answer:
        """That it checks the fields itself, so nobody before it has to."""
        group, _, name = version.rpartition("/")
        checks = [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}]
        paths: dict[str, Any] = {
            f"/{root}/{version}/{plural(kind)}": {
                "patch": {
                    "parameters": checks,
                    "responses": {},
                    "x-kubernetes-group-version-kind": {"group": group, "version": name, "kind": kind},
                }
            }
            for of, kind in self.kinds
            if of == version
        }
        return jsonify(openapi="3.0.0", info={"title": version, "version": "1"}, paths=paths)

    def _one(self, word: str, name: str, namespace: str = "") -> Answer:
        key = next(kind for _, kind in self.kinds if plural(kind) == word), name
        if request.method == "PATCH":
            given: Object = yaml.safe_load(request.get_data())
            if key not in self.objects:
                self.made.append(given)
            elif key[0] == "Job" and self.objects[key]["spec"] != given["spec"]:
                return status(422, "Invalid")  # a Job cannot be changed
            self.objects[key] = {**given, "metadata": {"uid": name, "resourceVersion": "1", **given["metadata"]}}
        if key not in self.objects:
            return status(404, "NotFound")
        if request.method == "DELETE":
            return jsonify(self.objects.pop(key))
        return jsonify(self.objects[key])


@contextmanager
def cluster(kinds: Iterable[tuple[str, str]]) -> Iterator[Cluster]:
    """One that is empty."""
    made = Cluster(kinds)
    server = make_server("127.0.0.1", 0, made.app(), threaded=True)
    made.address = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
