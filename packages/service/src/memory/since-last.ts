/** How much a count has grown since the last call; the first call counts from now. */
export function sinceLast(count: () => number): () => number {
  let last = count();
  return () => {
    const before = last;
    last = count();
    return last - before;
  };
}
