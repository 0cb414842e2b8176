import type { WriteStream } from 'node:tty';
import { marks } from '../../terminal/marks.ts';
import { renderCategory, renderCheckJson, renderResult, renderStatus } from './render.ts';
import type { CheckListener, CheckResult } from './run-checks.ts';

/** Shows what is found, and how it ended. */
export interface Display extends CheckListener {
  ended(success: boolean): void;
}

/** `short` shows only what is not in order. */
export type CheckFormat = 'table' | 'short';

type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean };

/** Prints results as they come, and on a terminal what is waited for. */
export function liveDisplay(format: CheckFormat, output: Output, progress: Output): Display {
  const signs = marks(output.isTTY === true);
  let category = '';
  let shown = '';
  let isWaiting = false;
  const clear = () => {
    if (isWaiting) progress.write('\r\u001b[K');
    isWaiting = false;
  };
  const show = (text: string) => {
    if (shown !== category) {
      output.write(`${shown === '' ? '' : '\n'}${renderCategory(category)}`);
      shown = category;
    }
    output.write(text);
  };
  return {
    started: (name) => {
      category = name;
    },
    waiting: ({ description }, problem) => {
      if (!progress.isTTY) return;
      clear();
      progress.write(`waiting: ${description}: ${problem.split('\n')[0]?.slice(0, 100)}`);
      isWaiting = true;
    },
    finished: (result) => {
      clear();
      if (format === 'table' || result.result !== 'success') show(renderResult(result, signs));
    },
    ended: (success) => {
      output.write(`${shown === '' ? '' : '\n'}${renderStatus(success, signs)}`);
    },
  };
}

/** Shows nothing before everything is known, and then one document. */
export function jsonDisplay(output: Output): Display {
  const results: CheckResult[] = [];
  return {
    started: () => {},
    waiting: () => {},
    finished: (result) => void results.push(result),
    ended: (success) => void output.write(renderCheckJson(results, success)),
  };
}
