"""Errors of this service as HTTP answers."""

from __future__ import annotations

from delivery_shared.http import ErrorTable
from sqlalchemy.exc import TimeoutError as PoolTimeout

from reporting_svc.application import EntranceClosed, ExportsBusy
from reporting_svc.export import NoRoom, TooManyRows
from reporting_svc.listening import NotListening
from reporting_svc.streams import StreamsFull, TooManyStreams

ERRORS: ErrorTable = {
    EntranceClosed: (403, "entrance-closed", "当前账号没有该入口", "Your account does not have this entrance"),
    ExportsBusy: (503, "busy", "正在导出的列表过多，请稍后再试", "Too many exports at once, try again"),
    NoRoom: (503, "no-room", "暂无空间生成导出文件，请稍后再试", "There is no room to write the export now, try later"),
    TooManyRows: (
        422,
        "export-too-large",
        "数据超过一个工作表的行数上限，请缩小范围或导出csv",
        "More rows than a sheet can hold: narrow the filters or export csv",
    ),
    StreamsFull: (503, "streams-full", "实时连接过多，请稍后再试", "Too many live streams at once, try again"),
    NotListening: (503, "storage-unavailable", "存储暂不可用，请稍后再试", "Storage is unavailable, try again"),
    TooManyStreams: (
        429,
        "too-many-streams",
        "打开的页面过多，实时更新已关闭",
        "Too many pages are open, live updates are off here",
    ),
    PoolTimeout: (503, "busy", "系统繁忙，请稍后再试", "Too many requests at once, try again"),
}
