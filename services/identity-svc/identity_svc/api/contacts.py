"""座机号, which only the people of identity have."""

from __future__ import annotations

import re
from typing import Any, Final

from delivery_shared.contacts import plain
from delivery_shared.http.texts import Text
from marshmallow import ValidationError

_LANDLINE: Final = re.compile(r"[0-9]{1,8}(-[0-9]{1,12}){0,2}")


class Landline(Text):
    """座机号: area, number and extension as far as given, with ``-`` between (U-02)."""

    def __init__(self) -> None:
        super().__init__(load_default=None, allow_none=True, longest=40)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = plain(super()._deserialize(value, attr, data, **kwargs))
        if not _LANDLINE.fullmatch(text):
            raise ValidationError("座机号格式为 区号-座机号-分机号 / area-number-extension")
        return text
