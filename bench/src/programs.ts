import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NATIVE = join(import.meta.dirname, '../native');
const BUILT = join(import.meta.dirname, '../.cache');

/** The programs that must never be what limits a measurement. */
export interface Programs {
  load: string;
  backend: string;
  /** A file with one gRPC message as it is on the wire. */
  grpcMessage: string;
}

const MESSAGE_BYTES = 128;

function writeMessage(): string {
  const output = join(BUILT, 'message');
  const head = Buffer.alloc(5);
  head.writeUInt32BE(MESSAGE_BYTES, 1);
  writeFileSync(output, Buffer.concat([head, Buffer.alloc(MESSAGE_BYTES)]));
  return output;
}

/** Compiles the load generator and the backend: half a second, so every run does it. */
export function buildPrograms(): Programs {
  mkdirSync(BUILT, { recursive: true });
  const build = (name: string) => {
    const output = join(BUILT, name);
    execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-o', output, join(NATIVE, `${name}.c`)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return output;
  };
  return { load: build('load'), backend: build('backend'), grpcMessage: writeMessage() };
}
