import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Link } from './link.ts';
import type { ToMain, ToWorker } from './messages.ts';
import { Question } from './question.ts';
import { watchOver } from './watch-over.ts';

describe('a worker', () => {
  let channel: MessageChannel;
  let question: Question<'alive'>;
  let worker: Link<ToWorker, ToMain>;
  let asked: number;
  let heard: number;
  beforeEach(() => {
    channel = new MessageChannel();
    [asked, heard] = [0, 0];
    worker = new Link<ToWorker, ToMain>(channel.port2);
    worker.on('ping', () => void asked++);
    const main = new Link<ToMain, ToWorker>(channel.port1);
    question = new Question(main, { kind: 'ping' }, 'alive', () => void heard++);
  });
  afterEach(() => channel.port1.close());

  it('answers all who have asked meanwhile', async () => {
    worker.on('ping', () => worker.post({ kind: 'alive' }));
    const answers = await Promise.all([question.ask(1000), question.ask(1000)]);
    expect(answers).toEqual([{ kind: 'alive' }, { kind: 'alive' }]);
    expect(heard).toBe(1);
    expect(await question.ask(1000)).not.toBeNull();
  });

  it('that is silent is not asked again before it has answered, and what it says late is heard', async () => {
    expect(await question.ask(10)).toBeNull();
    expect(await question.ask(10)).toBeNull();
    expect(asked).toBe(1);
    const late = question.ask(1000);
    worker.post({ kind: 'alive' });
    expect(await late).not.toBeNull();
    expect([asked, heard]).toEqual([1, 1]);
  });
});

describe('a thread that is watched over', () => {
  it('is given up when it has not answered three times in a row', async () => {
    const answers = [true, false, false, true, false, true, false, false, false];
    let asked = 0;
    let silent = 0;
    await watchOver(
      async () => answers[asked++] ?? true,
      async () => {},
      (ms) => {
        silent = ms;
      },
    );
    expect([asked, silent]).toEqual([answers.length, 30_000]);
  });
});
