import { ApiError } from '../../api/api-error.ts';

const LINE_FEED = 0x0a;

/**
 * The lines of a body, all that one chunk completes at a time; a last line without its end is dropped.
 * @throws ApiError `malformed` for a line of more than `maxBytes`.
 */
export async function* readLines(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  target: string,
): AsyncGenerator<readonly string[]> {
  let unfinished: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const rest = chunk.subarray(from, end);
      lines.push(unfinished.length === 0 ? rest.toString() : Buffer.concat([...unfinished, rest]).toString());
      unfinished = [];
      bytes = 0;
      from = end + 1;
    }
    if (from < chunk.length) {
      unfinished.push(chunk.subarray(from));
      bytes += chunk.length - from;
    }
    if (bytes > maxBytes)
      throw new ApiError('malformed', `a line has more than ${maxBytes} bytes`, { target });
    if (lines.length > 0) yield lines;
  }
}
