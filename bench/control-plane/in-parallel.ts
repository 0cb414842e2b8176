/** Does something for each number below `count`, at most `workers` at a time. */
export async function inParallel(
  count: number,
  workers: number,
  work: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      await work(number);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, count) }, worker));
}
