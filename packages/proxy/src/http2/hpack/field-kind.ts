/**
 * What a field is to the rules of RFC 9113 section 8. Found once, when a field arrives as a literal, and kept
 * with it in the dynamic table, so that repeated fields are judged for free.
 */
export const FieldKind = {
  Regular: 0,
  Method: 1,
  Path: 2,
  Scheme: 3,
  Authority: 4,
  Status: 5,
  Host: 6,
  ContentLength: 7,
  Cookie: 8,
  /** Everything from here on makes the message malformed. */
  ConnectionSpecific: 9,
  UnknownPseudo: 10,
  BadName: 11,
  BadValue: 12,
} as const;

const firstMalformed = FieldKind.ConnectionSpecific;

const kindsByName = new Map<string, number>([
  [':method', FieldKind.Method],
  [':path', FieldKind.Path],
  [':scheme', FieldKind.Scheme],
  [':authority', FieldKind.Authority],
  [':status', FieldKind.Status],
  ['host', FieldKind.Host],
  ['content-length', FieldKind.ContentLength],
  ['cookie', FieldKind.Cookie],
  ['connection', FieldKind.ConnectionSpecific],
  ['proxy-connection', FieldKind.ConnectionSpecific],
  ['keep-alive', FieldKind.ConnectionSpecific],
  ['transfer-encoding', FieldKind.ConnectionSpecific],
  ['upgrade', FieldKind.ConnectionSpecific],
]);

export function isPseudo(kind: number): boolean {
  return kind >= FieldKind.Method && kind <= FieldKind.Status;
}

export function isMalformed(kind: number): boolean {
  return kind >= firstMalformed;
}

/** Says for logs what is wrong with a field of a malformed kind. The value is left out: it may be secret. */
export function describeMalformed(kind: number, name: string): string {
  const quoted = JSON.stringify(name.slice(0, 64));
  if (kind === FieldKind.ConnectionSpecific) return `connection-specific field ${quoted}`;
  if (kind === FieldKind.UnknownPseudo) return `unknown pseudo-header ${quoted}`;
  if (kind === FieldKind.BadName) return `invalid field name ${quoted}`;
  return `invalid value of ${quoted}`;
}

const tokenOctets = new Uint8Array(256);
const schemeOctets = new Uint8Array(256);
for (let octet = 0; octet < 256; octet++) {
  const char = String.fromCharCode(octet);
  if (/[!#$%&'*+\-.^_`|~0-9a-zA-Z]/.test(char)) tokenOctets[octet] = 1;
  if (/[+\-.0-9a-zA-Z]/.test(char)) schemeOctets[octet] = 1;
}

function consistsOf(text: string, octets: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (octets[text.charCodeAt(i)] === 0) return false;
  return text.length > 0;
}

function isFieldName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const octet = name.charCodeAt(i);
    if (tokenOctets[octet] === 0 || (octet >= 0x41 && octet <= 0x5a)) return false;
  }
  return name.length > 0;
}

function isBlank(octet: number): boolean {
  return octet === 0x20 || octet === 0x09;
}

function isFieldValue(value: string): boolean {
  const length = value.length;
  for (let i = 0; i < length; i++) {
    const octet = value.charCodeAt(i);
    if (octet <= 0x0d && (octet === 0 || octet === 0x0a || octet === 0x0d)) return false;
  }
  return length === 0 || !(isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(length - 1)));
}

/** No blanks, controls or fragment: what an HTTP/1 request line could carry unharmed. */
function isRequestTarget(path: string): boolean {
  if (path === '*') return true;
  if (path.charCodeAt(0) !== 0x2f) return false;
  for (let i = 1; i < path.length; i++) {
    const octet = path.charCodeAt(i);
    if (octet <= 0x20 || octet === 0x7f || octet === 0x23) return false;
  }
  return true;
}

/** No user information (section 8.3.1) and nothing that would end the authority of a URI. */
function isAuthority(authority: string): boolean {
  for (let i = 0; i < authority.length; i++) {
    const octet = authority.charCodeAt(i);
    if (octet <= 0x20 || octet >= 0x7f) return false;
    if (octet === 0x2f || octet === 0x3f || octet === 0x23 || octet === 0x40 || octet === 0x5c) return false;
  }
  return authority.length > 0;
}

/** The kind that a field name has whatever its value. */
export function classifyName(name: string): number {
  const known = kindsByName.get(name);
  if (known !== undefined) return known;
  if (isFieldName(name)) return FieldKind.Regular;
  return name.charCodeAt(0) === 0x3a ? FieldKind.UnknownPseudo : FieldKind.BadName;
}

function isValueOf(kind: number, name: string, value: string): boolean {
  switch (kind) {
    case FieldKind.Method:
      return consistsOf(value, tokenOctets);
    case FieldKind.Path:
      return isRequestTarget(value);
    case FieldKind.Scheme:
      return consistsOf(value, schemeOctets);
    case FieldKind.Authority:
      return isAuthority(value);
    case FieldKind.Status:
      return /^[1-9][0-9][0-9]$/.test(value);
    case FieldKind.ContentLength:
      return /^[0-9]{1,15}$/.test(value);
    default:
      return isFieldValue(value) && (name !== 'te' || value.toLowerCase() === 'trailers');
  }
}

/** The kind of a field, given that of its name. */
export function classifyField(nameKind: number, name: string, value: string): number {
  if (isMalformed(nameKind)) return nameKind;
  return isValueOf(nameKind, name, value) ? nameKind : FieldKind.BadValue;
}
