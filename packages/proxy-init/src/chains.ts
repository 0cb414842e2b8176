/** Chain of inbound connections, entered from PREROUTING. */
export const REDIRECT_CHAIN = 'PROXY_INIT_REDIRECT';
/** Chain of outbound connections, entered from OUTPUT. */
export const OUTPUT_CHAIN = 'PROXY_INIT_OUTPUT';
