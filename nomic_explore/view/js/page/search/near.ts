const SECOND = 0.5; // how much a neighbor of a neighbor counts

/**
 * Points near some others, best first, by a walk of two steps along stored neighbors: a point scores the sum of the
 * similarities of the steps that lead to it, as a share of the best. The others are not among them.
 * @param neighbors (n, k), -1 where there is none
 * @param similarities (n, k), 0 to 255
 */
export function nearTo(points: readonly number[] | Uint32Array, neighbors: Int32Array, similarities: Uint8Array, n: number): { point: number; score: number }[] {
  const k = neighbors.length / n;
  const own = new Set(points);
  const scores = new Map<number, number>();
  const step = (from: number, weight: number, then?: (to: number, weight: number) => void) => {
    for (let at = from * k; at < (from + 1) * k; at++) {
      const [to, closeness] = [neighbors[at], (weight * similarities[at]) / 255];
      if (to < 0) continue;
      if (!own.has(to)) scores.set(to, (scores.get(to) ?? 0) + closeness);
      then?.(to, closeness);
    }
  };
  for (const point of own) step(point, 1, (to, weight) => step(to, SECOND * weight));
  const best = Math.max(...scores.values(), 1e-9);
  return [...scores].map(([point, score]) => ({ point, score: score / best })).sort((a, b) => b.score - a.score || a.point - b.point);
}
