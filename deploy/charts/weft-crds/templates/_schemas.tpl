{{/* Parts that several schemas share. Each begins without indentation; include it with nindent. */}}

{{- define "weft-crds.label-selector" -}}
type: object
properties:
  matchLabels:
    type: object
    additionalProperties:
      type: string
  matchExpressions:
    type: array
    items:
      type: object
      required: [key, operator]
      properties:
        key:
          type: string
        operator:
          type: string
          enum: [In, NotIn, Exists, DoesNotExist]
        values:
          type: array
          items:
            type: string
{{- end }}

{{- define "weft-crds.networks" -}}
type: array
items:
  type: object
  required: [cidr]
  properties:
    cidr:
      description: A network such as 10.0.0.0/8, or an address.
      type: string
    except:
      description: Parts of the network that are not meant.
      type: array
      items:
        type: string
{{- end }}

{{/* A reference within the namespace. */}}
{{- define "weft-crds.local-ref" -}}
type: object
required: [kind, name]
properties:
  group:
    description: API group; empty for the core group.
    type: string
  kind:
    type: string
  name:
    type: string
{{- end }}

{{- define "weft-crds.ref" -}}
type: object
required: [kind, name]
properties:
  group:
    description: API group; empty for the core group.
    type: string
  kind:
    type: string
  name:
    type: string
  namespace:
    description: The object's own namespace when absent.
    type: string
{{- end }}

{{- define "weft-crds.conditions" -}}
type: array
items:
  type: object
  required: [type, status, reason, message, lastTransitionTime]
  properties:
    type:
      type: string
    status:
      type: string
      enum: ["True", "False", Unknown]
    reason:
      type: string
    message:
      type: string
    observedGeneration:
      type: integer
      format: int64
    lastTransitionTime:
      type: string
      format: date-time
x-kubernetes-list-type: map
x-kubernetes-list-map-keys: [type]
{{- end }}

{{/* The status of a route: one entry for each parent and controller. */}}
{{- define "weft-crds.route-status" -}}
type: object
required: [parents]
properties:
  parents:
    type: array
    maxItems: 32
    items:
      type: object
      required: [controllerName, parentRef]
      properties:
        controllerName:
          type: string
        parentRef:
          {{- include "weft-crds.parent-ref" . | nindent 10 }}
        conditions:
          {{- include "weft-crds.conditions" . | nindent 10 }}
{{- end }}

{{- define "weft-crds.parent-ref" -}}
type: object
required: [name]
properties:
  group:
    type: string
    default: {{ .group | default "gateway.networking.k8s.io" }}
  kind:
    type: string
    default: {{ .kind | default "Gateway" }}
  name:
    type: string
    minLength: 1
  namespace:
    type: string
  sectionName:
    type: string
  port:
    type: integer
    format: int32
    minimum: 1
    maximum: 65535
{{- end }}

{{- define "weft-crds.backend-ref" -}}
group:
  type: string
  default: ""
kind:
  type: string
  default: Service
name:
  type: string
  minLength: 1
namespace:
  type: string
port:
  type: integer
  format: int32
  minimum: 1
  maximum: 65535
weight:
  type: integer
  format: int32
  minimum: 0
  maximum: 1000000
  default: 1
{{- end }}
