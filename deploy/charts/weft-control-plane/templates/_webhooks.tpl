{{/*
The certificate of a webhook, as YAML with crt, key (both empty where the Secret is somebody else's) and ca.
  root, name: of the Service; secret; values
One that is younger than half a year is kept, where the cluster can be asked: a new one would be served only once
the kubelet has brought it to the pods. Until then the API server trusts both.
*/}}
{{- define "weft.webhook-tls" -}}
{{- $values := .values }}
{{- $path := .path }}
{{- if and $values.injectCaFrom $values.injectCaFromSecret }}
{{- fail (printf "%s.injectCaFrom and %s.injectCaFromSecret exclude each other" $path $path) }}
{{- end }}
{{- $injected := or $values.injectCaFrom $values.injectCaFromSecret }}
{{- if and $injected $values.caBundle }}
{{- fail (printf "%s.caBundle and an injected CA (%s.injectCaFrom…) exclude each other" $path $path) }}
{{- end }}
{{- if and $injected (not $values.externalSecret) }}
{{- fail (printf "%s.injectCaFrom… needs %s.externalSecret" $path $path) }}
{{- end }}
{{- if and $values.externalSecret (not (or $injected $values.caBundle)) }}
{{- fail (printf "%s.externalSecret needs one of %s.caBundle, injectCaFrom and injectCaFromSecret" $path $path) }}
{{- end }}
{{- if and $values.crtPEM (not $values.keyPEM) }}
{{- fail (printf "%s.crtPEM needs %s.keyPEM" $path $path) }}
{{- end }}
{{- $crt := "" }}
{{- $key := "" }}
{{- $ca := $values.caBundle }}
{{- $issued := now | unixEpoch }}
{{- if $values.externalSecret }}
{{- else if $values.crtPEM }}
{{- $crt = $values.crtPEM }}
{{- $key = $values.keyPEM }}
{{- $ca = $values.caBundle | default $crt }}
{{- else }}
{{- $known := (lookup "v1" "Secret" .root.Release.Namespace .secret) | default dict }}
{{- $before := dig "metadata" "annotations" "linkerd.io/tls-issued-at" "" $known }}
{{- $halfYear := 15768000 }}
{{- if and $before (lt (sub (int64 $issued) (int64 $before)) (int64 $halfYear)) }}
{{- $issued = $before }}
{{- $crt = index $known.data "tls.crt" | b64dec }}
{{- $key = index $known.data "tls.key" | b64dec }}
{{- $ca = $crt }}
{{- else }}
{{- $host := printf "%s.%s.svc" .name .root.Release.Namespace }}
{{- $made := genSelfSignedCert $host (list) (list $host) 365 }}
{{- $crt = $made.Cert }}
{{- $key = $made.Key }}
{{- $ca = printf "%s%s" $made.Cert (dig "data" "tls.crt" "" $known | b64dec) }}
{{- end }}
{{- end }}
{{- toYaml (dict "crt" $crt "key" $key "ca" $ca "issued" $issued) }}
{{- end }}

{{/* The Secret of a webhook's certificate: .root, .name, .component, .tls, .values */}}
{{- define "weft.webhook-secret" -}}
{{- if not .values.externalSecret }}
---
apiVersion: v1
kind: Secret
metadata:
  {{- include "weft.metadata" . | nindent 2 }}
    linkerd.io/tls-issued-at: {{ .tls.issued | quote }}
type: kubernetes.io/tls
data:
  tls.crt: {{ .tls.crt | b64enc }}
  tls.key: {{ .tls.key | b64enc }}
{{- end }}
{{- end }}

{{/* Metadata of a webhook configuration: as of any object, and who brings the CA. .values */}}
{{- define "weft.webhook-metadata" -}}
{{- include "weft.cluster-metadata" . }}
  {{- with .values.injectCaFrom }}
  cert-manager.io/inject-ca-from: {{ . }}
  {{- end }}
  {{- with .values.injectCaFromSecret }}
  cert-manager.io/inject-ca-from-secret: {{ . }}
  {{- end }}
{{- end }}

{{/* Where a webhook is: .root, .service, .tls, .values */}}
{{- define "weft.webhook-client" -}}
service:
  name: {{ .service }}
  namespace: {{ .root.Release.Namespace }}
  path: /
{{- if not (or .values.injectCaFrom .values.injectCaFromSecret) }}
caBundle: {{ .tls.ca | b64enc }}
{{- end }}
{{- end }}
