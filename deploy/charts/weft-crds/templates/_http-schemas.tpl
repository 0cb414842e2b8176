{{/* Headers to set, add and remove. */}}
{{- define "weft-crds.header-modifier" -}}
type: object
properties:
  {{- range $what := list "add" "set" }}
  {{ $what }}:
    type: array
    maxItems: 16
    items:
      type: object
      required: [name, value]
      properties:
        name:
          type: string
          minLength: 1
          maxLength: 256
        value:
          type: string
          minLength: 1
          maxLength: 4096
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
  {{- end }}
  remove:
    type: array
    maxItems: 16
    items:
      type: string
{{- end }}

{{/* Filters of a rule, or with .backend of a backend. */}}
{{- define "weft-crds.http-filters" -}}
type: array
maxItems: 16
items:
  type: object
  required: [type]
  properties:
    type:
      type: string
      enum:
        - RequestHeaderModifier
        - RequestRedirect
        - ResponseHeaderModifier
        - URLRewrite
        - RequestMirror
        - ExtensionRef
    requestHeaderModifier:
      {{- include "weft-crds.header-modifier" . | nindent 6 }}
    responseHeaderModifier:
      {{- include "weft-crds.header-modifier" . | nindent 6 }}
    requestRedirect:
      type: object
      properties:
        scheme:
          type: string
          enum: [http, https]
        hostname:
          type: string
          minLength: 1
          maxLength: 253
        port:
          type: integer
          format: int32
          minimum: 1
          maximum: 65535
        statusCode:
          type: integer
          enum: [301, 302]
          default: 302
        path:
          {{- include "weft-crds.path-modifier" . | nindent 10 }}
    urlRewrite:
      type: object
      properties:
        hostname:
          type: string
          minLength: 1
          maxLength: 253
        path:
          {{- include "weft-crds.path-modifier" . | nindent 10 }}
    requestMirror:
      type: object
      x-kubernetes-preserve-unknown-fields: true
    extensionRef:
      {{- include "weft-crds.local-ref" . | nindent 6 }}
{{- end }}

{{- define "weft-crds.path-modifier" -}}
type: object
required: [type]
properties:
  type:
    type: string
    enum: [ReplaceFullPath, ReplacePrefixMatch]
  replaceFullPath:
    type: string
    maxLength: 1024
  replacePrefixMatch:
    type: string
    maxLength: 1024
{{- end }}

{{/* A named value that must be met: of a header, or of the query. */}}
{{- define "weft-crds.value-matches" -}}
type: array
maxItems: 16
items:
  type: object
  required: [name, value]
  properties:
    type:
      type: string
      enum: [Exact, RegularExpression]
      default: Exact
    name:
      type: string
      minLength: 1
      maxLength: 256
    value:
      type: string
      minLength: 1
      maxLength: 4096
x-kubernetes-list-type: map
x-kubernetes-list-map-keys: [name]
{{- end }}

{{/* The spec of an HTTPRoute. .timeouts: whether rules have timeouts; .group and .kind: what parents are by default. */}}
{{- define "weft-crds.http-route-spec" -}}
type: object
properties:
  parentRefs:
    type: array
    maxItems: 32
    items:
      {{- include "weft-crds.parent-ref" . | nindent 6 }}
  hostnames:
    type: array
    maxItems: 16
    items:
      type: string
      minLength: 1
      maxLength: 253
  rules:
    type: array
    maxItems: 16
    default:
      - matches:
          - path:
              type: PathPrefix
              value: /
    items:
      type: object
      properties:
        name:
          type: string
          minLength: 1
          maxLength: 253
        matches:
          type: array
          maxItems: 8
          default:
            - path:
                type: PathPrefix
                value: /
          items:
            type: object
            properties:
              path:
                type: object
                default:
                  type: PathPrefix
                  value: /
                properties:
                  type:
                    type: string
                    enum: [Exact, PathPrefix, RegularExpression]
                    default: PathPrefix
                  value:
                    type: string
                    maxLength: 1024
                    default: /
              headers:
                {{- include "weft-crds.value-matches" . | nindent 16 }}
              queryParams:
                {{- include "weft-crds.value-matches" . | nindent 16 }}
              method:
                type: string
                enum: [GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH]
        filters:
          {{- include "weft-crds.http-filters" . | nindent 10 }}
        backendRefs:
          type: array
          maxItems: 16
          items:
            type: object
            required: [name]
            properties:
              {{- include "weft-crds.backend-ref" . | nindent 14 }}
              filters:
                {{- include "weft-crds.http-filters" . | nindent 16 }}
        {{- if .timeouts }}
        timeouts:
          type: object
          properties:
            request:
              description: For the whole request, retries included.
              type: string
              pattern: ^([0-9]{1,5}(h|m|s|ms)){1,4}$
            backendRequest:
              description: For each attempt.
              type: string
              pattern: ^([0-9]{1,5}(h|m|s|ms)){1,4}$
        {{- end }}
{{- end }}
