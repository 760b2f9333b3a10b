"""The marketplaces that can be connected. Another one is a file here and its line below."""

from __future__ import annotations

from collections.abc import Mapping

from intake_svc.kinds.aliyun_spi import AliyunSpi
from intake_svc.kinds.generic import Generic
from intake_svc.kinds.huawei import Huawei
from intake_svc.kinds.kind import Kind
from intake_svc.kinds.tencent import Tencent

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (Generic(), AliyunSpi(), Huawei(), Tencent())}
"""By the part of the address that names them."""

__all__ = ["KINDS", "Kind"]
