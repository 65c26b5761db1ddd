/** The bar that holds a value: the last that begins at or below it; -1 outside of all. The last bar holds its upper edge too. */
export function barAt(edges: number[], value: number): number {
  let [low, high] = [0, edges.length - 1];
  if (!(value >= edges[low] && value <= edges[high])) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= value) low = middle;
    else high = middle;
  }
  return low;
}
