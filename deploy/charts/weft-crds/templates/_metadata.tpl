{{/* Labels of every object. */}}
{{- define "weft-crds.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
linkerd.io/control-plane-ns: {{ .Release.Namespace }}
{{- end }}

{{/* Annotations of every object. */}}
{{- define "weft-crds.annotations" -}}
linkerd.io/created-by: linkerd/helm {{ .Chart.AppVersion }}
{{- end }}
