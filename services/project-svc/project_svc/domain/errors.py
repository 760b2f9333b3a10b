"""Refusals of project-svc, named for the rule broken. Whoever raises one has changed nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID


class ProjectError(Exception):
    """Base of all refusals of this service."""


class ProjectUnknown(ProjectError):
    """No such project, or one the caller may not know of."""


class RequestUnknown(ProjectError):
    """The project has no request of this id."""


class FileUnknown(ProjectError):
    """No such file, or one the caller may not know of (R-124)."""


class RunUnknown(ProjectError):
    """The project has had no such run, or the caller may not see it."""


class NotStartedThen(ProjectError):
    """The project had not begun at the time asked for."""


class ProductNotListed(ProjectError):
    """No listed product has this id, or this code and vendor account."""


class ProductOffline(ProjectError):
    """The product was taken offline (F-05): no more orders."""


class TestOrderRefused(ProjectError):
    """A test order of a product that is neither the caller's own nor of a vendor the caller serves (S-07)."""


class TooManyTestOrders(ProjectError):
    """The account has ``limit`` test orders open already (S-07)."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} open test orders")
        self.limit = limit


class OrderExists(ProjectError):
    """The vendor has a project of this business number already; it stays unique for ever."""

    def __init__(self, business_number: str, project_id: UUID) -> None:
        super().__init__(business_number)
        self.business_number = business_number
        self.project_id = project_id


class VisitUnknown(ProjectError):
    """The project never entered a node under this visit."""


class NodePassed(ProjectError):
    """The visit is over: a late or repeated operation (R-127)."""


class NotOperator(ProjectError):
    """The caller does not operate this node (R-113)."""


class RemindedAlready(ProjectError):
    """The operator of this visit was reminded less than an hour ago."""


class NotOperable(ProjectError):
    """The operation does not exist at this type of node."""


class RequirementMissing(ProjectError):
    """通过 without a filled form (R-116)."""


class FormUnknown(ProjectError):
    """The node's demand form is not known here."""


class FormBroken(ProjectError):
    """Nothing can be checked against the node's demand form; it has to be put right by the platform operator."""


class FormInvalid(ProjectError):
    """The filled form breaks its JSON schema. ``fields``: ``{"field": …, "message": …}`` each."""

    def __init__(self, fields: list[dict[str, str]]) -> None:
        super().__init__(f"{len(fields)} fields")
        self.fields = fields


class ParametersUnfit(ProjectError):
    """Parameters of an order are not what its product declares. ``fields`` as in :class:`FormInvalid`."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(f"{len(wrong)} parameters")
        texts = ((name, *text.split(" / ")) for name, text in wrong.items())
        self.fields = [{"field": f"parameters.{name}", "message": zh, "zh": zh, "en": en} for name, zh, en in texts]


class NotRejectable(ProjectError):
    """The node has no reject (T-61), or no step lies before it."""


class TextMissing(ProjectError):
    """A text that is required is empty: reason of a reject (A-23), remark (R-57, A-31), comment, note."""


class TextTooLong(ProjectError):
    """A text is longer than ``limit`` characters (R-89, R-94, A-23)."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} characters")
        self.limit = limit


class ProjectFrozen(ProjectError):
    """The marketplace has frozen the order (冻结)."""


class TermExpired(ProjectError):
    """The order has expired (到期) and is not renewed."""


class ProjectPaused(ProjectError):
    """Nothing can be operated in a paused project (R-64)."""


class NotPaused(ProjectError):
    """Only a paused project can be resumed (R-62)."""


class LinkOfAnother(ProjectError):
    """The caller came by a link of somebody who is the order's contact no more."""


class BuyerForgotten(ProjectError):
    """Nothing is kept any more of the buyer, and nobody is named for him."""


class ProjectEnded(ProjectError):
    """The project is completed or cancelled; both are final (R-139)."""


class NotParticipant(ProjectError):
    """Only operators of the project write comments and notes and add files (A-38)."""


class ChangePending(ProjectError):
    """A change of provider or assignee waits for its outcome; no second one meanwhile."""


class NoProviderYet(ProjectError):
    """The project has no provider that could be changed."""


class SameProvider(ProjectError):
    """The project is with this provider already."""


class NoAssigneeYet(ProjectError):
    """The role has no holder that could be changed; customer and system are never changed (R-50)."""


class SamePerson(ProjectError):
    """This person holds the role already."""


class NotAtClaimNode(ProjectError):
    """The order does not stand at its claim-order node (D-50)."""


class AlreadyClaimed(ProjectError):
    """Somebody has claimed the order (D-50, D-51)."""


class ClaimPending(ProjectError):
    """A claim of this order waits for its outcome."""


class WrongClaimRole(ProjectError):
    """The claimer lacks the role the claim-order node names (D-47)."""


class OrderUnknown(ProjectError):
    """No project has this order number (D-50)."""


class OrderOfOtherProvider(ProjectError):
    """The order is delivered by another provider (D-50)."""


class ManagerMissing(ProjectError):
    """The caller sees the project but may not manage it in this way."""


class NotCompleted(ProjectError):
    """Only a completed project can be evaluated (R-135)."""


class AlreadyEvaluated(ProjectError):
    """The evaluation is given once (R-137)."""


class StarsRefused(ProjectError):
    """An evaluation has 1 to 5 stars (R-137)."""


class NotCustomer(ProjectError):
    """Only the buyer evaluates (R-135)."""


class FilesUnavailable(ProjectError):
    """The storage of files does not answer; nothing was kept."""


class FilesFull(FilesUnavailable):
    """There is no room left for files; nothing was kept, and the same upload works again once there is."""


class FileHandedIn(ProjectError):
    """The node the file was added at is confirmed: what was handed in stays."""


class FileRefused(ProjectError):
    """Base of the refusals of an upload."""


class FileEmpty(FileRefused):
    """An empty file."""


class FileTooLarge(FileRefused):
    """More bytes than allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.megabytes = limit // (1024 * 1024)


class ProjectFull(FileRefused):
    """The files of the project would take more than ``megabytes``."""

    def __init__(self, quota: int) -> None:
        super().__init__(f"more than {quota} bytes")
        self.megabytes = quota // (1024 * 1024)


class FileTypeRefused(FileRefused):
    """The extension is none of those that are taken; the refusal names them."""

    def __init__(self, extension: str, *, limit: int, accepted: Iterable[str]) -> None:
        super().__init__(f"extension {extension!r}")
        self.extension = f".{extension}" if extension else ""
        self.megabytes = limit // (1024 * 1024)
        self.accepted_zh, self.accepted_en = "、".join(accepted), ", ".join(accepted)


class FileContentRefused(FileTypeRefused):
    """The content is not what the extension says; ``seeming``: what it is, where that shows."""

    def __init__(self, extension: str, seeming: str | None, *, limit: int, accepted: Iterable[str]) -> None:
        super().__init__(extension, limit=limit, accepted=accepted)
        self.seeming_zh = f"，看起来是 {seeming} 文件" if seeming else ""
        self.seeming_en = f", it looks like {seeming}" if seeming else ""


class MentionRefused(ProjectError):
    """Somebody is mentioned who does not read what is said there."""


class FileInfected(FileRefused):
    """The virus scanner of the installation has found ``signature`` in it."""

    def __init__(self, signature: str) -> None:
        super().__init__(signature)
        self.signature = signature


class FileNameRefused(FileRefused):
    """A name that is empty, too long, or contains control characters."""

    def __init__(self, limit: int) -> None:
        super().__init__("file name")
        self.limit = limit
