{{/*
One CustomResourceDefinition.
  root: the chart; group, kind, plural, shortNames, description
  versions: [{name, storage, deprecated, schema, columns, status}], schema being YAML text of `spec` and, where it
  has one, of `status`
*/}}
{{- define "weft-crds.definition" -}}
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {{ .plural }}.{{ .group }}
  annotations:
    {{- include "weft-crds.annotations" .root | nindent 4 }}
    {{- with .annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "weft-crds.labels" .root | nindent 4 }}
spec:
  group: {{ .group }}
  scope: Namespaced
  names:
    kind: {{ .kind }}
    listKind: {{ .kind }}List
    plural: {{ .plural }}
    singular: {{ .kind | lower }}
    {{- with .shortNames }}
    shortNames: {{ toJson . }}
    {{- end }}
  versions:
    {{- $description := .description }}
    {{- range .versions }}
    - name: {{ .name }}
      served: true
      storage: {{ .storage | default false }}
      {{- if .deprecated }}
      deprecated: true
      deprecationWarning: {{ .deprecated | quote }}
      {{- end }}
      {{- if .status }}
      subresources:
        status: {}
      {{- end }}
      {{- with .columns }}
      additionalPrinterColumns:
        {{- range . }}
        - name: {{ .name }}
          description: {{ .description | quote }}
          type: {{ .type | default "string" }}
          jsonPath: {{ .path }}
        {{- end }}
      {{- end }}
      schema:
        openAPIV3Schema:
          description: {{ $description | quote }}
          type: object
          {{- if not .optionalSpec }}
          required: [spec]
          {{- end }}
          properties:
            apiVersion:
              type: string
            kind:
              type: string
            metadata:
              type: object
            spec:
              {{- .spec | nindent 14 }}
            {{- with .status }}
            status:
              {{- . | nindent 14 }}
            {{- end }}
    {{- end }}
{{- end }}
