import type { Link } from './link.ts';
import type { ToMain, ToWorker } from './messages.ts';

type Answer<K extends ToMain['kind']> = Extract<ToMain, { kind: K }>;

/** Something that one worker is asked, never twice before it has answered. */
export class Question<K extends ToMain['kind']> {
  readonly #link: Link<ToMain, ToWorker>;
  readonly #question: ToWorker;
  readonly #waiting: ((answer: Answer<K>) => void)[] = [];

  /** `onAnswer` hears it also when nobody waits any more. */
  constructor(
    link: Link<ToMain, ToWorker>,
    question: ToWorker,
    kind: K,
    onAnswer: (answer: Answer<K>) => void = () => {},
  ) {
    this.#link = link;
    this.#question = question;
    link.on(kind, (answer) => {
      onAnswer(answer);
      for (const resolve of this.#waiting.splice(0)) resolve(answer);
    });
  }

  /** null when it takes longer than `timeoutMs`. */
  ask(timeoutMs: number): Promise<Answer<K> | null> {
    if (this.#waiting.length === 0) this.#link.post(this.#question);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), timeoutMs);
      this.#waiting.push((answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }
}
