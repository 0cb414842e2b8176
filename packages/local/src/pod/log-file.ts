import { renameSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';

const MAX_BYTES = 4 << 20;
/** A longer line is told in parts. */
const MAX_LINE = 65_536;

/** Keeps what a container prints: one file of at most 4 MiB and the one before it. */
export class LogFile {
  readonly #file: string;
  readonly #onLine: (line: string) => void;
  #size = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string, onLine: (line: string) => void = () => undefined) {
    this.#file = file;
    this.#onLine = onLine;
  }

  /** Takes a stream of the container; it is paused while the disk is behind. */
  capture(stream: Readable): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('error', () => stream.destroy());
    stream.on('data', (text: string) => {
      stream.pause();
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE) {
        lines.push(rest);
        rest = '';
      }
      for (const line of lines) this.#onLine(line);
      void this.#append(text).finally(() => stream.resume());
    });
    stream.on('end', () => rest !== '' && this.#onLine(rest));
  }

  /** Adds a line of the mesh's own, such as how the container ended. */
  note(line: string): void {
    void this.#append(`${line}\n`);
  }

  #append(text: string): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (this.#size > MAX_BYTES) {
        renameSync(this.#file, `${this.#file}.1`);
        this.#size = 0;
      }
      this.#size += text.length;
      await appendFile(this.#file, text);
    });
    // The mesh's memory being full must not stop the container; what it prints is then lost.
    this.#writing = this.#writing.catch(() => undefined);
    return this.#writing;
  }
}
