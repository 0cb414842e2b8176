import { hostByte } from './bytes.ts';

const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Whether the text is empty or `uri-host [ ":" port ]` (RFC 9110 section 7.2), without user information. */
export function isHost(text: string): boolean {
  let colons = 0;
  let bracketEnd = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff || hostByte[code] === 0) return false;
    if (code === COLON) colons++;
    else if (code === OPEN && i !== 0) return false;
    else if (code === CLOSE) {
      if (text.charCodeAt(0) !== OPEN || bracketEnd !== -1) return false;
      bracketEnd = i;
      colons = 0;
    }
  }
  if (text.charCodeAt(0) === OPEN && bracketEnd < 2) return false;
  if (colons === 0) return bracketEnd === -1 || bracketEnd === text.length - 1;
  if (colons > 1) return false;
  const colon = text.lastIndexOf(':');
  if (bracketEnd !== -1 && colon !== bracketEnd + 1) return false;
  return isDigits(text, colon + 1);
}

function isDigits(text: string, from: number): boolean {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}
