{{/* The processes with the roles given: Deployment, service, role. */}}
{{- define "center.processes" -}}
{{- $roles := . }}
{{- range $service, $further := dict "template" list "identity" list "intake" list "project" list "dispatch" (list "dispatcher") "notify" (list "sender") "reporting" (list "live") }}
{{- range $role := concat (list "api" "worker") $further }}
{{- if has $role $roles }}
- { name: {{ $service }}-{{ $role }}, service: {{ $service }}, role: {{ $role }} }
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "center.image" -}}
{{- $image := index .root.Values.images .name }}
{{- $image.repository }}{{ with $image.digest }}@{{ . }}{{ else }}:{{ $image.tag | default $.root.Chart.AppVersion }}{{ end }}
{{- end }}

{{/* Below `image:`, and of a pod. */}}
{{- define "center.pull" -}}
{{- with .Values.images.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
{{- end }}
{{- define "center.pod" -}}
{{- with .Values.images.pullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with .Values.priorityClass.name }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "center.version" -}}
{{- .Values.images.center.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Labels of every object. */}}
{{- define "center.labels" -}}
app.kubernetes.io/part-of: delivery-center
app.kubernetes.io/version: {{ include "center.version" . | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "center.labelled" -}}
labels: {{- include "center.labels" . | nindent 2 }}
{{- end }}

{{/* By which a process is found. */}}
{{- define "center.selector" -}}
{ app.kubernetes.io/name: {{ .service }}, app.kubernetes.io/component: {{ .role }} }
{{- end }}

{{- define "center.podLabels" -}}
app.kubernetes.io/name: {{ .process.service }}
app.kubernetes.io/component: {{ .process.role }}
app.kubernetes.io/part-of: delivery-center
app.kubernetes.io/version: {{ include "center.version" .root | quote }}
delivery-center/storage: "yes"
{{- if and (eq .process.service "project") .root.Values.files.bucket }}
delivery-center/files: bucket
{{- end }}
{{- end }}

{{/* What some processes have beside the others. */}}
{{- define "center.env" -}}
{{- if eq .process.service "identity" }}
- { name: DELIVERY_PRIVATE_KEY, value: /run/secrets/delivery/signing-key }
- { name: DELIVERY_PROXIES, value: "1" }
{{- end }}
{{- if has .process.service (list "identity" "notify") }}
- { name: DELIVERY_LINK_KEYS_FILE, value: /run/secrets/delivery/link-keys }
{{- end }}
{{- if eq .process.service "project" }}
{{- if .root.Values.files.bucket }}
- { name: AWS_SHARED_CREDENTIALS_FILE, value: /run/secrets/delivery/aws-credentials }
{{- else }}
- { name: DELIVERY_DATA_DIR, value: /var/lib/delivery }
{{- end }}
{{- end }}
{{- if eq .process.role "sender" }}
{{- if .root.Values.mail.enabled }}
- { name: DELIVERY_SMTP_URL_FILE, value: /run/secrets/delivery/smtp-url }
{{- end }}
{{- if .root.Values.sms.enabled }}
- { name: DELIVERY_SMS_URL_FILE, value: /run/secrets/delivery/sms-url }
- { name: DELIVERY_SMS_TOKEN_FILE, value: /run/secrets/delivery/sms-token }
{{- end }}
{{- end }}
{{- end }}

{{- define "center.secrets" -}}
{{- if eq .process.service "identity" }}
- secret: { name: signing-key, items: [{ key: value, path: signing-key }] }
{{- end }}
{{- if has .process.service (list "identity" "notify") }}
- secret: { name: link-keys, items: [{ key: value, path: link-keys }] }
{{- end }}
{{- if and (eq .process.service "project") .root.Values.files.bucket }}
- secret: { name: files-credentials, items: [{ key: credentials, path: aws-credentials }] }
{{- end }}
{{- if eq .process.role "sender" }}
{{- if .root.Values.mail.enabled }}
- secret: { name: smtp-url, items: [{ key: value, path: smtp-url }] }
{{- end }}
{{- if .root.Values.sms.enabled }}
- secret: { name: sms-url, items: [{ key: value, path: sms-url }] }
- secret: { name: sms-token, items: [{ key: value, path: sms-token }] }
{{- end }}
{{- end }}
{{- end }}

{{- define "center.mounts" -}}
{{- if and (eq .process.service "project") (not .root.Values.files.bucket) }}
- { name: files, mountPath: /var/lib/delivery }
{{- end }}
{{- end }}

{{- define "center.volumes" -}}
{{- if and (eq .process.service "project") (not .root.Values.files.bucket) }}
- { name: files, persistentVolumeClaim: { claimName: files } }
{{- end }}
{{- end }}

{{/* The environment of all processes; a pod is replaced when it changes. */}}
{{- define "center.settings" -}}
DATABASE_URL_FILE: /run/secrets/delivery/database-url
AMQP_URL_FILE: /run/secrets/delivery/amqp-url
DELIVERY_PUBLIC_KEYS: /run/secrets/delivery/public-keys
{{- if gt (int .Values.broker.nodes) 1 }}
DELIVERY_BROKER_NODES: {{ .Values.broker.nodes | quote }}
{{- end }}
{{- with .Values.files.bucket }}
DELIVERY_FILES_S3: {{ . | quote }}
AWS_DEFAULT_REGION: {{ $.Values.files.region | quote }}
{{- end }}
{{- if .Values.mail.enabled }}
DELIVERY_MAIL_FROM: {{ required "mail.from: whom letters come from" .Values.mail.from | quote }}
{{- end }}
{{- if .Values.mirror.enabled }}
DELIVERY_MIRROR_ENDPOINTS: {{ .Values.mirror.endpoints | quote }}
{{- end }}
{{- if .Values.otlp.enabled }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .Values.otlp.endpoint | quote }}
OTEL_TRACES_SAMPLER: parentbased_traceidratio
OTEL_TRACES_SAMPLER_ARG: {{ .Values.otlp.sampled | quote }}
{{- end }}
{{- range $name, $value := merge (dict) .Values.settings (dict "DELIVERY_LOG_LEVEL" "INFO") }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* Files of nginx's server block: who may name the client's address. */}}
{{- define "center.site" -}}
{{- if .Values.entry.trusted -}}
# The entry's pods name the client's address; the network policy lets nobody else in. Only the last one named counts,
# which is the one the entry has added: what a client says of itself comes before it.
{{- range .Values.entry.trusted }}
set_real_ip_from {{ . }};
{{- end }}
real_ip_header X-Forwarded-For;
real_ip_recursive off;
{{- else -}}
# Who may name the client's address: nobody.
{{- end }}
{{- end }}
