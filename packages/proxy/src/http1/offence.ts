/** What is wrong with a message: the label of its metric, and for logs. */
export type Offence =
  | 'bare-cr'
  | 'bare-lf'
  | 'body-forbidden'
  | 'content-length-with-transfer-encoding'
  | 'field-name'
  | 'field-value'
  | 'chunk'
  | 'head-timeout'
  | 'head-too-large'
  | 'host-invalid'
  | 'host-missing'
  | 'host-repeated'
  | 'content-length'
  | 'content-length-repeated'
  | 'method'
  | 'obs-fold'
  | 'request-line'
  | 'space-before-colon'
  | 'status-line'
  | 'target'
  | 'target-too-long'
  | 'too-many-fields'
  | 'too-many-informational'
  | 'trailers-too-large'
  | 'transfer-encoding'
  | 'transfer-encoding-unsupported'
  | 'unexpected-upgrade'
  | 'version';

/** The status a server answers an offending request with. */
export function statusOf(offence: Offence): number {
  switch (offence) {
    case 'head-timeout':
      return 408;
    case 'target-too-long':
      return 414;
    case 'head-too-large':
    case 'too-many-fields':
    case 'trailers-too-large':
      return 431;
    case 'transfer-encoding-unsupported':
      return 501;
    case 'version':
      return 505;
    default:
      return 400;
  }
}
