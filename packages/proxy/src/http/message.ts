/**
 * Field lines in order of arrival, flat: name, value, name, value… Names are lower case. Values are the
 * bytes of the wire as latin1 and hold neither CR, LF nor NUL.
 */
export type HeaderList = string[];

export type HttpVersion = '1.0' | '1.1' | '2';

/** How the request target was written (RFC 9112 section 3.2). HTTP/2 requests count as origin. */
export type TargetForm = 'origin' | 'absolute' | 'authority' | 'asterisk';

export interface RequestHead {
  method: string;
  /** Path and query as on the wire: begins with '/', or is '*', or '' for an authority-form target. */
  path: string;
  scheme: string;
  /** `:authority`, or the authority inside an absolute- or authority-form target. Never taken from Host. */
  authority: string | undefined;
  version: HttpVersion;
  form: TargetForm;
  headers: HeaderList;
  /** Bytes of body announced by content-length; -1 when unknown (chunked, or HTTP/2 without a length). */
  contentLength: number;
  /** HTTP/1.1 only: the sender asks to leave HTTP after this exchange (Upgrade, or CONNECT). */
  wantsUpgrade: boolean;
}

export interface ResponseHead {
  status: number;
  version: HttpVersion;
  headers: HeaderList;
  /** As in RequestHead; -1 also for a body that ends with the connection. */
  contentLength: number;
}
