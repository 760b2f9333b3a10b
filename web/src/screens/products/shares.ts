/** Weights, maxima and what they mean, while they are typed. The server checks them again. */

/** Ranges and presets as the hints of the dialog say (P-21 … P-24). */
export const WEIGHT = { preset: 10, least: 1, most: 100 } as const;
export const MAXIMUM = { preset: 1000, least: 0, most: 2000 } as const;

export interface Share {
  provider_id: string;
  name: string;
  weight: number | null;
  maximum: number | null;
}

export function isWithin(value: number | null, range: { least: number; most: number }): value is number {
  return value !== null && Number.isInteger(value) && value >= range.least && value <= range.most;
}

export function isValid(share: Share): boolean {
  return isWithin(share.weight, WEIGHT) && isWithin(share.maximum, MAXIMUM);
}

/**
 * The chance of each provider to get an order: its weight by the sum of all weights (P-30), in percent with one
 * decimal. Undefined while a weight is not valid.
 */
export function chances(shares: readonly Share[]): Map<string, string> | undefined {
  if (!shares.every(({ weight }) => isWithin(weight, WEIGHT))) {
    return undefined;
  }
  const sum = shares.reduce((total, { weight }) => total + (weight ?? 0), 0);
  return new Map(
    shares.map(({ provider_id, weight }) => [provider_id, `${Math.round((1000 * (weight ?? 0)) / sum) / 10}%`]),
  );
}

/** Whether two configurations are the same, whatever the order of their rows. */
export function isSame(one: readonly Share[], other: readonly Share[]): boolean {
  const text = (shares: readonly Share[]) =>
    JSON.stringify(
      shares.map((s) => [s.provider_id, s.weight, s.maximum]).sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1)),
    );
  return text(one) === text(other);
}
