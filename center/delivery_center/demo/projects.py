"""The projects of the demo data, brought to the stages of the manual's lists by the people who do it there."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

from delivery_center.client import Client, Refused
from delivery_center.demo.people import People
from delivery_center.demo.products import Products
from delivery_center.ordering import LAGGING, once_only, patiently, place_order

EDITION = "尊享版 (自营)"
FILE_SIZE = 12 * 1024
"""Bytes of an uploaded file; the manual's has 12KB (L363)."""


class Projects:
    """Plays the steps of ``data["story"]`` in order; each is noted when done. A step interrupted between its doing and
    its noting is repeated under the same idempotency key, at the visit noted before."""

    def __init__(self, people: People, products: Products) -> None:
        self.people, self.products, self.book = people, products, people.book
        self.data = people.data
        self.ids: dict[str, str] = {}
        """Business number → project."""
        self.acts: dict[str, Callable[..., Any]] = {
            "submit": self._submit,
            "confirm": lambda by, at, step, **key: by.post(f"{at}/confirmation", **key),
            "reject": lambda by, at, step, **key: by.post(f"{at}/rejection", {"reason": step["reason"]}, **key),
            "upload": self._upload,
            "claim": lambda by, at, step, **key: by.post(f"{project(at)}/claim", **key),
            "hand over": self._hand_over,
            "change provider": self._change_provider,
            "comment": lambda by, at, step, **key: by.post(f"{project(at)}/comments", {"text": step["text"]}, **key),
            "note": lambda by, at, step, **key: by.post(f"{project(at)}/notes", {"text": step["text"]}, **key),
            "pause": lambda by, at, step, **key: by.post(f"{project(at)}/pause", {"remark": step["remark"]}, **key),
            "cancel": lambda by, at, step, **key: by.post(
                f"{project(at)}/cancellation", {"remark": step["remark"]}, **key
            ),
            "evaluate": lambda by, at, step, **key: by.post(
                f"{project(at)}/evaluation", {"stars": step["stars"], "text": step["text"]}, **key
            ),
        }

    def load(self) -> None:
        """Play what has not been played yet."""
        for number, step in enumerate(self.data["story"]):
            done = self.book.once(f"story {number}", partial(self._play, number, step))
            if "order" in step:
                self.ids[step["order"][1]] = done

    def _play(self, number: int, step: dict[str, Any]) -> Any:
        if "order" in step:
            return self._order(step)
        if "see" in step:
            self._path_when_at(step["see"], step["at"])
        elif "providers" in step:
            self.products.configure(step["providers"], step["are"])
        elif "staff" in step:
            self.people.receive(step["staff"], step["receiving"])
        else:
            self._act(number, step)
        return True

    def _order(self, step: dict[str, Any]) -> str:
        order_number, business_number = step["order"]
        name, number = self.data["customer"]
        return place_order(
            self.people["marketplace"],
            self.products.ids[step["product"]],
            (name, number),
            order_number,
            business_number,
            edition=step.get("edition", EDITION),
            sales_channel=step.get("channel"),
            valid_until=step.get("valid_until"),
        )

    def _act(self, number: int, step: dict[str, Any]) -> None:
        at = f"/api/v1/projects/{self.ids[step['in']]}/visits/0"
        if "at" in step:
            at = self.book.once(f"story {number} at", lambda: self._path_when_at(step["in"], step["at"]))
        headers = once_only(f"{self.ids[step['in']]} {number}")
        act, by = self.acts[step["do"]], self.people[step["by"]]
        patiently(lambda: act(by, at, step, headers=headers))

    def _path_when_at(self, business_number: str, node: str) -> str:
        """The path of the visit as soon as the project stands at ``node``. :raises TimeoutError: it does not."""
        path = f"/api/v1/projects/{self.ids[business_number]}"
        deadline = time.monotonic() + 20
        seen: Any = None
        while time.monotonic() < deadline:
            try:
                seen = self.people["operator"].get(path)["current"]
            except Refused as refused:
                if refused.status not in LAGGING:
                    raise
            else:
                if seen and seen["name"] == node:
                    return f"{path}/visits/{seen['visit']}"
            time.sleep(0.03)
        raise TimeoutError(f"{business_number} does not reach {node}: {seen}")

    def _submit(self, by: Client, at: str, step: dict[str, Any], *, headers: dict[str, str]) -> None:
        by.put(f"{at}/requirement", self.data["requirement"], headers=headers)
        by.post(f"{at}/confirmation", headers=headers)

    def _upload(self, by: Client, at: str, step: dict[str, Any], *, headers: dict[str, str]) -> None:
        """At a node, or – the customer's 添加附件 – to the project."""
        path = f"{project(at)}/files" if step["by"] == "kehu" else f"{at}/files"
        by.post(path, files={"file": (step["file"], spreadsheet(FILE_SIZE))}, headers=headers)

    def _hand_over(self, by: Client, at: str, step: dict[str, Any], *, headers: dict[str, str]) -> None:
        body = {"person_id": self.people.users[step["to"]], "remark": step["remark"]}
        self._decided(by, by.put(f"{project(at)}/assignee", body, headers=headers))

    def _change_provider(self, by: Client, at: str, step: dict[str, Any], *, headers: dict[str, str]) -> None:
        body = {"provider_id": self.people.parties[step["to"]], "remark": step["remark"]}
        self._decided(by, by.put(f"{project(at)}/provider", body, headers=headers))

    def _decided(self, by: Client, asked: dict[str, Any]) -> None:
        """Wait for what dispatch decides. :raises TimeoutError: nothing, or a refusal."""
        path = f"/api/v1/projects/{asked['project_id']}/requests/{asked['request_id']}"
        deadline = time.monotonic() + 20
        while (outcome := by.get(path)["outcome"]) is None and time.monotonic() < deadline:
            time.sleep(0.03)
        if outcome != "done":
            raise TimeoutError(f"{path}: {outcome}")


def project(visit: str) -> str:
    """The path of the project of a visit."""
    return visit.partition("/visits/")[0]


def spreadsheet(size: int) -> bytes:
    """An empty workbook of exactly ``size`` bytes."""
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<sheetData/></worksheet>",
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        archive.comment = b" " * (size - content.tell() - _directory(archive))
    return content.getvalue()


def _directory(archive: zipfile.ZipFile) -> int:
    """Bytes that closing the archive adds, without comment."""
    return 22 + sum(46 + len(entry.filename.encode()) for entry in archive.infolist())
