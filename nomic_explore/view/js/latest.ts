/**
 * Asks one thing at a time: what is wanted meanwhile waits, and only the last of it is asked. So a slider that moves faster
 * than the kernel answers never leaves questions behind.
 */
export function askLatest<A, B>(ask: (args: A) => Promise<B | undefined>, show: (answer: B, args: A) => void) {
  let waiting: {args: A} | undefined;
  let isAsking = false;
  let age = 0;
  const run = async () => {
    isAsking = true;
    while (waiting) {
      const { args } = waiting;
      const own = age;
      waiting = undefined;
      const answer = await ask(args);
      if (answer !== undefined && own === age) show(answer, args);
    }
    isAsking = false;
  };
  return {
    want(args: A) {
      waiting = { args };
      if (!isAsking) run();
    },
    /** Nothing that is asked or waits is shown any more. */
    cancel() {
      waiting = undefined;
      age++;
    },
  };
}
