"""The Helm chart's templates, written by `make docs` from the manifests of `deploy/k8s`, which stay the source; tests
compare what both render."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.chart_template import (
    ACCOUNT,
    OURS,
    Template,
    after,
    disk,
    image,
    inserted,
    job,
    kept,
    named,
    of_service,
    only_ours,
    process,
    reached,
    storage_class,
)
from tools.compose_file import ROOT
from tools.dashboard import dashboard
from tools.slos import slos

MONITORING = ROOT / "deploy" / "monitoring"
CHART = ROOT / "deploy" / "helm" / "delivery-center"

GATEWAYS = '(list (dict "name" "gateway" "service" "gateway" "role" "gateway"))'
POLICIES = ".Values.networkPolicies.enabled"
SINGLE, OPERATED = 'eq .Values.%s.kind "single"', 'eq .Values.%s.kind "operator"'
WATCHER = (
    "kubernetes.io/metadata.name: monitoring }",
    "kubernetes.io/metadata.name: {{ .Values.monitoring.namespace }} }",
)
NODES = "            - { name: DELIVERY_BROKER_NODES, value: {{ .Values.broker.nodes | quote }} }\n"
FIRST_PASSWORDS = "            - { name: DELIVERY_FIRST_PASSWORDS, value: /run/secrets/delivery/first-passwords }\n"
MONITOR_LABELS = "{{- with .Values.monitoring.labels }}\n{{- toYaml . | nindent 4 }}\n{{- end }}\n"

TEMPLATES = [
    Template(
        name="api",
        source="base/api/api.yaml",
        each='(include "center.processes" (list "api" "live") | fromYamlArray)',
        change=of_service("api", "http"),
    ),
    Template(
        name="worker",
        source="base/worker/worker.yaml",
        each='(include "center.processes" (list "worker" "dispatcher" "sender") | fromYamlArray)',
        change=of_service("worker"),
    ),
    Template(
        name="gateway",
        source="base/gateway/gateway.yaml",
        each=GATEWAYS,
        change=[
            *process("gateway", "http"),
            (
                "  template:\n    spec:\n",
                "  template:\n    metadata:\n      labels:\n"
                "        app.kubernetes.io/name: gateway\n        app.kubernetes.io/component: gateway\n"
                "        app.kubernetes.io/part-of: delivery-center\n"
                '        app.kubernetes.io/version: {{ include "center.version" $ | quote }}\n'
                '      annotations: { checksum/site: {{ include "center.site" $ | sha256sum }} }\n    spec:\n',
            ),
            after(ACCOUNT, inserted("pod", 6, "$")),
            ("image: delivery-center-gateway\n", f"image: {image('gateway')}\n"),
            ("image: delivery-center\n", f"image: {image('center')}\n"),
            (
                "resources:\n            requests: { cpu: 50m, memory: 64Mi, ephemeral-storage: 256Mi }\n"
                '            limits: { cpu: "1", memory: 256Mi, ephemeral-storage: 4Gi }\n',
                "resources: {{ toJson $.Values.resources.gateway }}\n",
            ),
            (
                f"spec:\n  selector: {OURS}\n  ports:",
                'spec:\n{{- if eq $.Values.entry.kind "loadBalancer" }}\n  type: LoadBalancer\n'
                "  externalTrafficPolicy: Local # keeps the clients' addresses, which are counted\n{{- end }}\n"
                f"  selector: {OURS}\n  ports:",
            ),
        ],
    ),
    Template(name="accounts", source="base/accounts.yaml", change=named("center", "files")),
    job("prepare", after(FIRST_PASSWORDS, "{{- if gt (int .Values.broker.nodes) 1 }}\n", NODES, "{{- end }}\n")),
    job("finish"),
    Template(
        name="network",
        source="base/network.yaml",
        when=POLICIES,
        change=[
            only_ours("database", "postgres"),
            (
                "      ports: [{ protocol: TCP, port: 5432 }]\n---\napiVersion: networking.k8s.io/v1\n"
                "kind: NetworkPolicy\nmetadata: { name: rabbitmq }\n",
                "      ports: [{ protocol: TCP, port: 5432 }]\n{{- end }}\n---\n"
                '{{- if ne .Values.broker.kind "external" }}\napiVersion: networking.k8s.io/v1\n'
                "kind: NetworkPolicy\nmetadata: { name: rabbitmq }\n",
            ),
            (
                '    - from: [{ podSelector: { matchLabels: { delivery-center/storage: "yes" } } }]\n'
                "      ports: [{ protocol: TCP, port: 5672 }, { protocol: TCP, port: 15672 }]\n",
                '    - from: [{ podSelector: { matchLabels: { delivery-center/storage: "yes" } } }]\n'
                "      ports: [{ protocol: TCP, port: 5672 }, { protocol: TCP, port: 15672 }]\n{{- end }}\n",
            ),
            reached(
                "database",
                "postgres",
                "ports: [{ protocol: TCP, port: 5432 }]",
                "ports: [{ protocol: TCP, port: {{ .Values.database.external.port }} }]",
            ),
            reached(
                "broker",
                "rabbitmq",
                "ports: [{ protocol: TCP, port: 5672 }, { protocol: TCP, port: 15672 }] # the second tells of nodes",
                "ports: [{ protocol: TCP, port: {{ .Values.broker.external.port }} },"
                " { protocol: TCP, port: {{ .Values.broker.external.managementPort }} }]",
            ),
            after(
                "    - ports: [{ protocol: TCP, port: 8080 }]\n",
                "{{- with .Values.entry.from }}\n"
                "      from: [{ namespaceSelector: { matchLabels: {{ toJson . }} } }]\n{{- end }}\n",
            ),
            *named("default-deny", "names", "gateway", "api", "storage", "postgres", "rabbitmq"),
        ],
    ),
    Template(
        name="postgres",
        source="overlays/single-node/postgres.yaml",
        when=SINGLE % "database",
        change=[
            *named("postgres"),
            ("docker.io/library/postgres:17.6", "{{ .Values.database.single.image }}"),
            ("max_connections=250", "max_connections={{ .Values.database.single.maxConnections }}"),
            *disk("database"),
        ],
    ),
    Template(
        name="rabbitmq",
        source="overlays/single-node/rabbitmq.yaml",
        when=SINGLE % "broker",
        change=[
            *named("rabbitmq", "rabbitmq-config"),
            ("docker.io/library/rabbitmq:4.0.9-management", "{{ .Values.broker.image }}"),
            *disk("broker"),
        ],
    ),
    Template(
        name="files",
        source="overlays/single-node/files.yaml",
        when="not .Values.files.bucket",
        change=[
            kept("files"),
            ("[ReadWriteOnce] # all its pods are on the one machine", "[{{ .Values.files.accessMode }}]"),
            (
                "  resources: { requests: { storage: 20Gi } }\n",
                "  resources: { requests: { storage: {{ .Values.files.size }} } }\n" + storage_class("files", 2),
            ),
        ],
    ),
    Template(
        name="postgres-operator",
        source="overlays/production/postgres.yaml",
        when=OPERATED % "database",
        change=[
            ("  instances: 3\n", "  instances: {{ .Values.database.operator.instances }}\n"),
            ("ghcr.io/cloudnative-pg/postgresql:17.6", "{{ .Values.database.operator.image }}"),
            (
                "storage: { size: 100Gi }",
                "storage: { size: {{ .Values.database.size }}"
                "{{ with .Values.database.storageClass }}, storageClass: {{ . }}{{ end }} }",
            ),
            ("walStorage: { size: 20Gi }", "walStorage: { size: {{ .Values.database.operator.walSize }} }"),
            ('max_connections: "400"', "max_connections: {{ .Values.database.operator.maxConnections | quote }}"),
            ("s3://delivery-backup/postgres", "{{ .Values.database.operator.backup }}"),
            kept("postgres"),
            *named("postgres-backup", "postgres-nightly"),
        ],
    ),
    Template(
        name="rabbitmq-operator",
        source="overlays/production/rabbitmq.yaml",
        when=OPERATED % "broker",
        change=[
            ("  replicas: 3\n", "  replicas: {{ .Values.broker.nodes }}\n"),
            ("docker.io/library/rabbitmq:4.0.9-management", "{{ .Values.broker.image }}"),
            (
                "persistence: { storage: 50Gi }",
                "persistence: { storage: {{ .Values.broker.size }}"
                "{{ with .Values.broker.storageClass }}, storageClassName: {{ . }}{{ end }} }",
            ),
            ("target_group_size = 3", "target_group_size = {{ .Values.broker.nodes }}"),
            *named("rabbitmq"),
        ],
    ),
    Template(
        name="network-postgres",
        source="overlays/production/network.yaml",
        documents=[0],
        when=f"and {POLICIES} ({OPERATED % 'database'})",
        change=[*named("postgres-cluster"), WATCHER],
    ),
    Template(
        name="network-rabbitmq",
        source="overlays/production/network.yaml",
        documents=[1],
        when=f"and {POLICIES} ({OPERATED % 'broker'})",
        change=named("rabbitmq-cluster"),
    ),
    Template(
        name="network-bucket",
        source="overlays/production/network.yaml",
        documents=[2],
        when=f"and {POLICIES} .Values.files.bucket",
        change=named("bucket"),
    ),
    Template(
        name="entry",
        source="overlays/production/entry.yaml",
        when='eq .Values.entry.kind "gatewayApi"',
        change=[
            *named("entry", "gateway", "to-https"),
            ("gatewayClassName: default # a site's own", "gatewayClassName: {{ .Values.entry.gatewayClass }}"),
            ("delivery.example.com", "{{ .Values.entry.host }}"),
            ("name: entry-tls", "name: {{ .Values.entry.tlsSecret }}"),
        ],
    ),
    Template(
        name="scaling",
        source="overlays/production/scaling.yaml",
        when=".Values.autoscaling.enabled",
        change=[
            ("  maxReplicaCount: 6\n", "  maxReplicaCount: {{ .Values.autoscaling.dispatchers }}\n"),
            ("  maxReplicas: 4\n", "  maxReplicas: {{ .Values.autoscaling.apis }}\n"),
            ("http://prometheus.monitoring.svc:9090", "{{ .Values.autoscaling.prometheus }}"),
            ('{namespace="delivery"}', '{namespace="{{ .Release.Namespace }}"}'),
            *named(
                "dispatch-dispatcher",
                "rabbitmq-monitoring",
                "identity-api",
                "intake-api",
                "project-api",
                "reporting-api",
            ),
        ],
    ),
    Template(
        name="priority",
        source="overlays/production/priority.yaml",
        when=".Values.priorityClass.create",
        change=[
            (
                "metadata: { name: delivery-center }\n",
                "metadata:\n  name: {{ .Values.priorityClass.name }}\n" + inserted("labelled", 2, "$"),
            )
        ],
    ),
    Template(
        name="monitors",
        source="components/monitoring/monitors.yaml",
        when=".Values.monitoring.enabled",
        change=[(line, labelled + MONITOR_LABELS) for line, labelled in named("delivery", "gateway", "rabbitmq")],
    ),
    Template(
        name="network-monitoring",
        source="components/monitoring/network.yaml",
        documents=[0],
        when=f"and {POLICIES} .Values.monitoring.enabled",
        change=[*named("metrics"), WATCHER],
    ),
    Template(
        name="network-monitoring-rabbitmq",
        source="components/monitoring/network.yaml",
        documents=[1],
        when=f'and {POLICIES} .Values.monitoring.enabled (ne .Values.broker.kind "external")',
        change=[*named("metrics-rabbitmq"), WATCHER],
    ),
    Template(
        name="network-bi",
        source="components/bi/network.yaml",
        when=f'and {POLICIES} .Values.bi.enabled (ne .Values.database.kind "external")',
        change=named("bi"),
    ),
    Template(
        name="network-otlp",
        source="components/otlp/network.yaml",
        when=f"and {POLICIES} .Values.otlp.enabled",
        change=[
            *named("otlp"),
            ("metadata.name: observability }", "metadata.name: {{ .Values.otlp.namespace }} }"),
            ("port: 4318", 'port: {{ regexFind "[0-9]+$" .Values.otlp.endpoint }}'),
        ],
    ),
    Template(
        name="network-mail",
        source="components/mail/network.yaml",
        when=f"and {POLICIES} .Values.mail.enabled",
        change=named("mail"),
    ),
    Template(
        name="network-sms",
        source="components/sms/network.yaml",
        when=f"and {POLICIES} .Values.sms.enabled",
        change=named("sms"),
    ),
    Template(
        name="network-mirror",
        source="components/mirror/network.yaml",
        when=f"and {POLICIES} .Values.mirror.enabled",
        change=named("mirror"),
    ),
    Template(
        name="toolbox",
        source="components/toolbox/toolbox.yaml",
        when=".Values.toolbox.enabled",
        change=[
            (
                "  labels: { app.kubernetes.io/component: dc }\n",
                "  labels:\n    app.kubernetes.io/component: dc\n" + '{{- include "center.labels" . | nindent 4 }}\n',
            ),
            (
                'labels: { app.kubernetes.io/component: dc, delivery-center/storage: "yes" }\n',
                "labels:\n        app.kubernetes.io/component: dc\n"
                '        app.kubernetes.io/version: {{ include "center.version" . | quote }}\n'
                '        delivery-center/storage: "yes"\n',
            ),
            after(ACCOUNT, inserted("pod", 6, "$")),
            ("image: delivery-center\n", f"image: {image('center')}\n"),
            after(FIRST_PASSWORDS, "{{- if gt (int .Values.broker.nodes) 1 }}\n", NODES, "{{- end }}\n"),
        ],
    ),
]


def written() -> Iterator[tuple[Path, str]]:
    """Every file of the chart that is not written by hand."""
    for template in TEMPLATES:
        yield CHART / "templates" / f"{template.name}.yaml", template.text()
    yield CHART / "files" / "slos.yml", slos()
    yield CHART / "files" / "dashboard.json", dashboard()
    yield CHART / "files" / "alerts.yml", (MONITORING / "alerts.yml").read_text(encoding="utf-8")
