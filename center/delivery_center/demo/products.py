"""The products of the demo data: private templates, listing, relations, provider configurations."""

from __future__ import annotations

from functools import partial
from typing import Any

from delivery_center.client import Client
from delivery_center.demo.people import People
from delivery_center.ordering import once_only, patiently


class Products:
    """Made for the vendors of ``people``; afterwards ids by product code."""

    def __init__(self, people: People) -> None:
        self.people, self.book, self.data = people, people.book, people.data
        self.ids: dict[str, str] = {}
        self.vendors: dict[str, str] = {}

    def load(self) -> None:
        """Make those that are missing."""
        public = self.people["operator"].get("/api/v1/templates", params={"scope": "public", "limit": 100})["items"]
        templates = {template["name"]: template["id"] for template in public}
        for name, template in self.data["templates"].items():
            publish = partial(self._publish, self.people[template["isv"]], name, template["nodes"])
            templates[name] = self.book.once(f"template {name}", publish)
        draft = self.data["unpublished"]
        key = once_only("unpublished template")
        make = partial(self.people[draft["isv"]].post, "/api/v1/templates", {"name": draft["name"]}, headers=key)
        self.book.once("unpublished template", make)
        for product in self.data["products"]:
            self._list(product, templates[product["template"]])

    def configure(self, code: str, providers: dict[str, list[int]]) -> Any:
        """保存 of 配置服务商: these providers with weight and maximum, no others."""
        chosen = [
            {"provider_id": self.people.parties[name], "weight": weight, "maximum": maximum}
            for name, (weight, maximum) in providers.items()
        ]
        path = f"/api/v1/provider-configurations/{self.ids[code]}"
        return patiently(lambda: self.people[self.vendors[code]].put(path, {"providers": chosen}))

    def _publish(self, vendor: Client, name: str, nodes: list[list[Any]]) -> str:
        key = once_only(f"template {name}")
        make = partial(vendor.post, "/api/v1/templates", {"name": name}, headers=key)
        made = self.book.once(f"template {name} made", make)
        path = f"/api/v1/templates/{made['id']}"
        start, *others = [node(f"n{n}", *parts) for n, parts in enumerate(nodes)]
        content = {"name": name, "nodes": [{**start, "id": "start"}, *others]}
        vendor.put(f"{path}/content", content, headers={"If-Match": f'"{made["version"]}"', **key})
        vendor.post(f"{path}/publication", headers=key)
        return str(made["id"])

    def _list(self, product: dict[str, Any], template_id: str) -> None:
        code, vendor = product["code"], product["vendor"]
        form = {"code": code, "name": product["name"], "template_id": template_id}
        make = partial(self.people[vendor].post, "/api/v1/products", form, headers=once_only(f"product {code}"))
        self.ids[code] = self.book.once(f"product {code}", make)["id"]
        self.vendors[code] = vendor
        for provider in sorted(self._providers_ever(product) - {vendor}):
            path = f"/api/v1/relations/{self.ids[code]}/{self.people.parties[provider]}"
            relate = partial(patiently, partial(self.people["operator"].put, path))
            self.book.once(f"relation {code} {provider}", relate)
        if product["providers"]:
            self.book.once(f"providers {code}", partial(self.configure, code, product["providers"]))

    def _providers_ever(self, product: dict[str, Any]) -> set[str]:
        later = [step["are"] for step in self.data["story"] if step.get("providers") == product["code"]]
        return {name for providers in (product["providers"], *later) for name in providers}


def node(id_: str, type_: str, name: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """A node of a template as the API takes it, from its short form in the data."""
    made: dict[str, Any] = {"id": id_, "type": type_, "name": name, **(fields or {})}
    if type_ == "submit_requirement":
        made["form"] = "information_website"
    if type_ == "container":
        made["children"] = [node(f"{id_}-{n}", *child) for n, child in enumerate(made["children"])]
    return made
