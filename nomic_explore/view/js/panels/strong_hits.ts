const [MIN_LISTED, MIN_CUT, MIN_BEND] = [5, 20, 0.05];

/**
 * How many of some hits are strong: those before the scores stop falling steeply, where their curve lies farthest below the
 * straight line from the best to the last (Satopää et al. 2011, "Finding a Kneedle in a Haystack"). Lists of up to 20 hits, and
 * scores that fall evenly, are not cut.
 * @param scores best first
 */
export function countStrong(scores: readonly number[]): number {
  const [n, first, last] = [scores.length, scores[0], scores.at(-1) as number];
  if (n <= MIN_CUT || first === last) return n;
  let [farthest, at] = [MIN_BEND, n];
  scores.forEach((score, rank) => {
    const below = 1 - rank / (n - 1) - (score - last) / (first - last);
    if (below > farthest) [farthest, at] = [below, rank];
  });
  return Math.max(at, MIN_LISTED);
}

/** How strong each hit is beside the best and the last, 0 to 255. @param scores best first */
export function strengthsOf(scores: readonly number[]): Uint8Array {
  const [first, last] = [scores[0], scores.at(-1) as number];
  return Uint8Array.from(scores, (score) => (first === last ? 255 : Math.round((255 * (score - last)) / (first - last))));
}
