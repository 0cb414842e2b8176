/** Annotations that more than one part of injection refers to. */
export const INJECT = 'linkerd.io/inject';
export const OPAQUE_PORTS = 'config.linkerd.io/opaque-ports';
export const LOG_HTTP_HEADERS = 'config.linkerd.io/proxy-log-http-headers';
export const CLOSE_WAIT_TIMEOUT = 'config.linkerd.io/close-wait-timeout';
export const NATIVE_SIDECAR = 'config.linkerd.io/proxy-enable-native-sidecar';
export const NATIVE_SIDECAR_BETA = 'config.beta.linkerd.io/proxy-enable-native-sidecar';
export const NATIVE_SIDECAR_ALPHA = 'config.alpha.linkerd.io/proxy-enable-native-sidecar';
export const WAIT_BEFORE_EXIT = 'config.alpha.linkerd.io/proxy-wait-before-exit-seconds';
export const ADMIN_SHUTDOWN = 'config.linkerd.io/proxy-admin-shutdown';
