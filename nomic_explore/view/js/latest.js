// @ts-check
/**
 * Asks one thing at a time: what is wanted meanwhile waits, and only the last of it is asked. So a slider that moves faster
 * than the kernel answers never leaves questions behind.
 * @template A, B
 * @param {(args: A) => Promise<B | undefined>} ask @param {(answer: B, args: A) => void} show
 */
export function askLatest(ask, show) {
  /** @type {{args: A} | undefined} */
  let waiting;
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
    /** @param {A} args */
    want(args) {
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
