"""A template of the Helm chart: the text of a file of `deploy/k8s`, with what an installation may choose put in the
place of what that file says, and the replacements that several of them need. One that finds nothing is an error, so no
change of the manifests is missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.compose_file import ROOT

K8S = ROOT / "deploy" / "k8s"
HEAD = "{{- /* Written by `make docs` from deploy/k8s/%s; do not edit. */}}\n"

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Template:
    """``source``: the file of ``deploy/k8s``, of whose documents ``documents`` are taken (all). ``when``: the values it
    is for. ``each``: what it is written for, each of which is ``.`` within."""

    name: str
    source: str
    when: str = ""
    documents: Sequence[int] = ()
    each: str = ""
    change: Pairs = ()

    def text(self) -> str:
        """:raises ValueError: the source has not what is to be replaced."""
        parts = (K8S / self.source).read_text(encoding="utf-8").rstrip("\n").split("\n---\n")
        text = "\n---\n".join(parts[number] for number in self.documents or range(len(parts))) + "\n"
        for old, new in self.change:
            if old not in text:
                raise ValueError(f"{self.source} has no {old!r}, which the chart's {self.name} replaces")
            text = text.replace(old, new)
        if self.each:
            text = f"{{{{- range {self.each} }}}}\n---\n{text}{{{{- end }}}}\n"
        if self.when:
            text = f"{{{{- if {self.when} }}}}\n{text}{{{{- end }}}}\n"
        return HEAD % self.source + text


def inserted(helper: str, indent: int, argument: str = '(dict "root" $ "process" .)') -> str:
    """Lines that a helper of the chart writes."""
    return f'{{{{- include "center.{helper}" {argument} | nindent {indent} }}}}\n'


def image(name: str) -> str:
    return f'{{{{ include "center.image" (dict "root" $ "name" "{name}") }}}}\n' + inserted("pull", 10, "$").rstrip(
        "\n"
    )


def after(line: str, *lines: str) -> tuple[str, str]:
    return line, line + "".join(lines)


OURS = '{{ include "center.selector" . }}'
TMP_MOUNT = "            - { name: tmp, mountPath: /tmp }\n"
PUBLIC_KEYS = "              - secret: { name: public-keys, items: [{ key: value, path: public-keys }] }\n"
ACCOUNT = "      serviceAccountName: center\n"


def process(role: str, service: str = "") -> Pairs:
    """What the manifests of all processes leave to those of each."""
    return [
        (
            f"metadata: {{ name: {role} }}\n",
            "metadata:\n  name: {{ .name }}\n"
            + inserted("labelled", 2, "$")
            + "    app.kubernetes.io/name: {{ .service }}\n    app.kubernetes.io/component: {{ .role }}\n",
        ),
        (
            "  selector: {}\n  minReadySeconds",
            "{{- with index $.Values.replicas .name }}\n  replicas: {{ . }}\n{{- end }}\n"
            f"  selector: {{ matchLabels: {OURS} }}\n  minReadySeconds",
        ),
        (f"{{ app.kubernetes.io/component: {role} }}", OURS),
        *([("  selector: {}\n  ports:", f"  selector: {OURS}\n  ports:")] if service else []),
    ]


def of_service(role: str, service: str = "") -> Pairs:
    """… and those of the services' processes."""
    requests = "requests: { cpu: 100m, memory: 192Mi, ephemeral-storage: 64Mi }"
    limits = 'limits: { cpu: "1", memory: 512Mi, ephemeral-storage: 1Gi }'
    chosen = "{{ index $.Values.resources .name | default $.Values.resources.process | toJson }}"
    return [
        *process(role, service),
        (
            '      labels: { delivery-center/storage: "yes" }\n',
            "      labels:\n"
            + inserted("podLabels", 8)
            + '      annotations: { checksum/settings: {{ include "center.settings" $ | sha256sum }} }\n',
        ),
        (
            ACCOUNT,
            '      serviceAccountName: {{ eq .service "project" | ternary "files" "center" }}\n'
            + inserted("pod", 6, "$"),
        ),
        ("image: delivery-center\n", f"image: {image('center')}\n"),
        (f"_svc.main, {role}]", "_svc.main, {{ .role }}]"),
        ('{ name: DELIVERY_SERVICE, value: "" }', "{ name: DELIVERY_SERVICE, value: {{ .service }} }"),
        ("          envFrom:\n", inserted("env", 12) + "          envFrom:\n"),
        (f"resources:\n            {requests}\n            {limits}\n", f"resources: {chosen}\n"),
        ("secret: { name: database-url,", "secret: { name: database-url-{{ .service }},"),
        after(PUBLIC_KEYS, inserted("secrets", 14)),
        after(TMP_MOUNT, inserted("mounts", 12)),
        after("          emptyDir: { sizeLimit: 1Gi }\n", inserted("volumes", 8)),
    ]


def named(*names: str) -> Pairs:
    """Labels of the objects with these names."""
    return [
        (f"metadata: {{ name: {name} }}\n", f"metadata:\n  name: {name}\n" + inserted("labelled", 2, "$"))
        for name in names
    ]


def kept(name: str) -> tuple[str, str]:
    """… and of one that holds data: it stays when it is no longer asked for."""
    ((line, labelled),) = named(name)
    first = f"metadata:\n  name: {name}\n"
    return line, labelled.replace(first, f"{first}  annotations: {{ helm.sh/resource-policy: keep }}\n")


def disk(kind: str) -> Pairs:
    """How large the disk of a server is, and of what class."""
    claim = "        resources: { requests: { storage: 20Gi } }\n"
    return [(claim, claim.replace("20Gi", f"{{{{ .Values.{kind}.size }}}}") + storage_class(kind, 8))]


def storage_class(kind: str, indent: int, name: str = "storageClassName") -> str:
    return f"{{{{- with .Values.{kind}.storageClass }}}}\n{' ' * indent}{name}: {{{{ . }}}}\n{{{{- end }}}}\n"


def reached(kind: str, name: str, ports: str, elsewhere: str) -> tuple[str, str]:
    """A server that is another's is reached by its networks instead of its label."""
    inside = f"    - to: [{{ podSelector: {{ matchLabels: {{ delivery-center/server: {name} }} }} }}]\n      {ports}\n"
    return inside, (
        f'{{{{- if eq .Values.{kind}.kind "external" }}}}\n    - to:\n'
        f"{{{{- range .Values.{kind}.external.networks }}}}\n"
        "        - ipBlock: { cidr: {{ . }} }\n{{- end }}\n"
        f"      {elsewhere}\n{{{{- else }}}}\n{inside}{{{{- end }}}}\n"
    )


def only_ours(kind: str, name: str) -> tuple[str, str]:
    """The policy of a server that is no other's."""
    begin = f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{ name: {name} }}\n"
    return begin, f'{{{{- if ne .Values.{kind}.kind "external" }}}}\n{begin}'


REVISION = (
    '{{ list .Release.Revision (include "center.image" (dict "root" $ "name" "center")) .Values.broker'
    " | toJson | sha256sum | trunc 8 }}"
)


def job(name: str, *change: tuple[str, str]) -> Template:
    """One that every release runs anew."""
    return Template(
        name=name,
        source=f"base/{name}.yaml",
        change=[
            (
                f"  name: {name}\n  labels: {{ app.kubernetes.io/component: {name} }}\n",
                f"  name: {name}-{REVISION}\n  labels:\n    app.kubernetes.io/component: {name}\n"
                '{{- include "center.labels" . | nindent 4 }}\n',
            ),
            (
                f'labels: {{ app.kubernetes.io/component: {name}, delivery-center/storage: "yes" }}\n',
                f"labels:\n        app.kubernetes.io/component: {name}\n"
                "        app.kubernetes.io/part-of: delivery-center\n"
                '        app.kubernetes.io/version: {{ include "center.version" . | quote }}\n'
                '        delivery-center/storage: "yes"\n',
            ),
            after(ACCOUNT, inserted("pod", 6, "$")),
            ("image: delivery-center\n", f"image: {image('center')}\n"),
            *change,
        ],
    )
