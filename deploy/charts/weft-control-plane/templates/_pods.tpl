{{/*
One service of the control plane as a Deployment.
  root; component: its label and service; name: of the Deployment and the service account
  ports: [{name, port}]; admin: name of the port that answers probes
  args; env, mounts, volumes: YAML text; resources; podAnnotations
*/}}
{{- define "weft.deployment" -}}
{{- $values := .root.Values }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "weft.metadata" . | nindent 2 }}
spec:
  replicas: {{ $values.controllerReplicas }}
  revisionHistoryLimit: {{ $values.revisionHistoryLimit }}
  selector:
    matchLabels:
      linkerd.io/control-plane-component: {{ .component }}
  {{- with $values.deploymentStrategy }}
  strategy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  template:
    metadata:
      annotations:
        {{- include "weft.annotations" .root | nindent 8 }}
        linkerd.io/inject: disabled
        cluster-autoscaler.kubernetes.io/safe-to-evict: "true"
        {{- with .podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- with $values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      labels:
        # Not linkerd.io/control-plane-ns: by that label proxies take a pod for one with a proxy.
        linkerd.io/control-plane-component: {{ .component }}
        linkerd.io/workload-ns: {{ .root.Release.Namespace }}
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ .name }}
      # The token is mounted below, with a lifetime.
      automountServiceAccountToken: false
      {{- with $values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $values.runtimeClassName }}
      runtimeClassName: {{ . }}
      {{- end }}
      {{- if $values.enablePodAntiAffinity }}
      affinity:
        {{- include "weft.anti-affinity" . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: {{ $values.controllerUID | int64 }}
        {{- if ge (int64 $values.controllerGID) 0 }}
        runAsGroup: {{ $values.controllerGID | int64 }}
        {{- end }}
        # Mounted keys and tokens are readable for this group alone.
        fsGroup: {{ ternary $values.controllerGID $values.controllerUID (ge (int64 $values.controllerGID) 0) | int64 }}
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: {{ .component }}
          image: {{ $values.controllerImage }}:{{ $values.controllerImageVersion | default $values.linkerdVersion }}
          imagePullPolicy: {{ $values.imagePullPolicy }}
          args:
            - {{ .component }}
            - -log-level={{ $values.controllerLogLevel }}
            - -log-format={{ $values.controllerLogFormat }}
            {{- range .args }}
            - {{ . | quote }}
            {{- end }}
          {{- with .env }}
          env:
            {{- . | nindent 12 }}
          {{- end }}
          ports:
            {{- range .ports }}
            - name: {{ .name }}
              containerPort: {{ .port }}
            {{- end }}
          livenessProbe:
            httpGet:
              path: /ping
              port: {{ .admin }}
            initialDelaySeconds: 10
            timeoutSeconds: 1
          readinessProbe:
            httpGet:
              path: /ready
              port: {{ .admin }}
            # Noticed at once when it is ready, and given up after as long as with Linkerd's 7 times 10 s.
            periodSeconds: 1
            failureThreshold: 70
            timeoutSeconds: 1
          # Until everybody knows that this pod ends it still accepts connections.
          lifecycle:
            preStop:
              sleep:
                seconds: 3
          {{- with include "weft.resources" (.resources | default dict) | trim }}
          {{- . | nindent 10 }}
          {{- end }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          terminationMessagePolicy: FallbackToLogsOnError
          volumeMounts:
            - name: kube-api-access
              mountPath: /var/run/secrets/kubernetes.io/serviceaccount
              readOnly: true
            - name: trust-roots
              mountPath: /var/run/linkerd/identity/trust-roots
              readOnly: true
            {{- with .mounts }}
            {{- . | nindent 12 }}
            {{- end }}
      volumes:
        - name: kube-api-access
          projected:
            defaultMode: 288 # 0440
            sources:
              - serviceAccountToken:
                  path: token
                  expirationSeconds: 3607
              - configMap:
                  name: kube-root-ca.crt
                  items:
                    - key: ca.crt
                      path: ca.crt
              - downwardAPI:
                  items:
                    - path: namespace
                      fieldRef:
                        apiVersion: v1
                        fieldPath: metadata.namespace
        - name: trust-roots
          configMap:
            name: linkerd-identity-trust-roots
        {{- with .volumes }}
        {{- . | nindent 8 }}
        {{- end }}
{{- end }}

{{/* Replicas on other nodes, if possible in other zones. */}}
{{- define "weft.anti-affinity" -}}
podAntiAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector:
        matchExpressions:
          - key: linkerd.io/control-plane-component
            operator: In
            values: [{{ .component }}]
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: topology.kubernetes.io/zone
        labelSelector:
          matchExpressions:
            - key: linkerd.io/control-plane-component
              operator: In
              values: [{{ .component }}]
{{- end }}

{{/* Resources as Linkerd's values have them: by resource, then by request and limit. */}}
{{- define "weft.resources" -}}
{{- $limits := dict }}
{{- $requests := dict }}
{{- range $name, $amounts := . }}
{{- with $amounts.limit }}{{ $_ := set $limits $name (toString .) }}{{ end }}
{{- with $amounts.request }}{{ $_ := set $requests $name (toString .) }}{{ end }}
{{- end }}
{{- if or $limits $requests }}
resources:
  {{- with $limits }}
  limits:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $requests }}
  requests:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Of one component: .root, .name, .component */}}
{{- define "weft.disruption-budget" -}}
{{- if .root.Values.enablePodDisruptionBudget }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "weft.metadata" . | nindent 2 }}
spec:
  {{- toYaml .root.Values.controller.podDisruptionBudget | nindent 2 }}
  selector:
    matchLabels:
      linkerd.io/control-plane-component: {{ .component }}
{{- end }}
{{- end }}

{{/* A Service of one component: .root, .name, .component, .ports: [{name, port, target}], .headless, .annotations */}}
{{- define "weft.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "weft.metadata" . | nindent 2 }}
    {{- with .annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  type: ClusterIP
  {{- if .headless }}
  clusterIP: None
  {{- end }}
  selector:
    linkerd.io/control-plane-component: {{ .component }}
  ports:
    {{- range .ports }}
    - name: {{ .name }}
      port: {{ .port }}
      targetPort: {{ .target | default .port }}
    {{- end }}
{{- end }}

{{- define "weft.service-account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "weft.metadata" . | nindent 2 }}
# Each pod mounts a token of its own.
automountServiceAccountToken: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Binds a ClusterRole to a service account of the control plane: .root, .name, .role, .account, .component */}}
{{- define "weft.cluster-role-binding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  {{- include "weft.cluster-metadata" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .role | default .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .account }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}
