"""Files in a bucket of an S3-compatible object store, for several machines that serve one installation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from project_svc.domain.errors import FilesUnavailable
from project_svc.files import FileRules, StoredFile, draft


class S3Files:
    """Files as objects ``prefix/<generated name>``. An upload is checked on this machine first, so that an object is
    there whole and right or not at all."""

    def __init__(
        self,
        *,
        bucket: str,
        prefix: str = "",
        endpoint: str | None = None,
        rules: FileRules = FileRules(),  # noqa: B008 - frozen
    ) -> None:
        """``endpoint``: address of a store other than AWS. Credentials and region come from where boto3 looks for
        them, ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY`` and ``AWS_DEFAULT_REGION`` first."""
        self.bucket = bucket
        self.prefix = prefix.strip("/")
        self.rules = rules
        self._endpoint = endpoint
        self._made: Any = None

    @classmethod
    def from_settings(cls, environment: Mapping[str, str], rules: FileRules) -> S3Files:
        """From ``DELIVERY_FILES_S3``, ``s3://bucket/prefix``, and ``DELIVERY_FILES_S3_ENDPOINT``.

        :raises SystemExit: the address names no bucket.
        """
        address = urlsplit(environment["DELIVERY_FILES_S3"])
        if address.scheme != "s3" or not address.netloc:
            raise SystemExit("DELIVERY_FILES_S3 must be s3://bucket or s3://bucket/prefix")
        return cls(
            bucket=address.netloc,
            prefix=address.path,
            endpoint=environment.get("DELIVERY_FILES_S3_ENDPOINT") or None,
            rules=rules,
        )

    def put(self, *, name: str, content: IO[bytes]) -> StoredFile:
        """See :class:`~project_svc.files.FileStore`."""
        with (
            tempfile.TemporaryDirectory() as directory,
            draft(Path(directory), name=name, content=content, rules=self.rules) as (path, file),
            path.open("rb") as body,
            _answering(),
        ):
            self._client().put_object(
                Bucket=self.bucket,
                Key=self._key(file.storage),
                Body=body,
                ContentLength=file.size,
                ContentType=file.content_type,
            )
        return file

    def open(self, storage: str) -> BinaryIO:
        """See :class:`~project_svc.files.FileStore`."""
        with _answering():
            found = self._client().get_object(Bucket=self.bucket, Key=self._key(storage))
        return cast(BinaryIO, found["Body"])

    def remove(self, storage: str) -> None:
        """See :class:`~project_svc.files.FileStore`."""
        with _answering():
            self._client().delete_object(Bucket=self.bucket, Key=self._key(storage))

    def _key(self, storage: str) -> str:
        return f"{self.prefix}/{storage}" if self.prefix else storage

    def _client(self) -> Any:
        """Made with the first call, thus after a server's fork; safe for threads once made."""
        if self._made is None:
            session = boto3.session.Session()
            config = Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 2})
            self._made = session.client("s3", endpoint_url=self._endpoint, config=config)
        return self._made


@contextmanager
def _answering() -> Iterator[None]:
    """:raises FileNotFoundError: no such object. :raises FilesUnavailable: any other failure of the store."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            raise FileNotFoundError(str(error)) from error
        raise FilesUnavailable(str(error)) from error
    except BotoCoreError as error:
        raise FilesUnavailable(str(error)) from error
