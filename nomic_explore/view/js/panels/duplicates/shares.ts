import { messages } from "../../messages.ts";

/** "all", or "99.7 % of": a share close to all has the digits that tell it from all. */
export function percentOf(share: number) {
  if (share >= 1) return messages.duplicates.all;
  const digits = share > 0.999 ? 2 : share > 0.9 ? 1 : 0;
  return messages.duplicates.shareOf((Math.floor(share * 100 * 10 ** digits + 1e-9) / 10 ** digits).toFixed(digits));
}
