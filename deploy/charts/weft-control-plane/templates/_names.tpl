{{- define "weft.trust-domain" -}}
{{ .Values.identityTrustDomain | default .Values.clusterDomain }}
{{- end }}

{{/* Labels of every object; with .component of a part of the control plane. */}}
{{- define "weft.labels" -}}
app.kubernetes.io/name: {{ .name | default "control-plane" }}
app.kubernetes.io/part-of: Linkerd
app.kubernetes.io/version: {{ .root.Values.linkerdVersion | quote }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
{{- with .component }}
linkerd.io/control-plane-component: {{ . }}
{{- end }}
linkerd.io/control-plane-ns: {{ .root.Release.Namespace }}
{{- end }}

{{- define "weft.annotations" -}}
linkerd.io/created-by: linkerd/helm {{ .Values.linkerdVersion }}
{{- end }}

{{/* Metadata of an object of the release's namespace: .root, .name, .component */}}
{{- define "weft.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "weft.labels" (dict "root" .root "component" .component) | nindent 2 }}
annotations:
  {{- include "weft.annotations" .root | nindent 2 }}
{{- end }}

{{/* The same for an object of the whole cluster. */}}
{{- define "weft.cluster-metadata" -}}
name: {{ .name }}
labels:
  {{- include "weft.labels" (dict "root" .root "component" .component) | nindent 2 }}
annotations:
  {{- include "weft.annotations" .root | nindent 2 }}
{{- end }}
