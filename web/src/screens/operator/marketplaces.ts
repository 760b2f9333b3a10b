/** The marketplaces customers have numbers in. */
export interface Marketplace {
  value: string;
  label: string;
}

/** Those everybody knows, then the shops; two that are called alike are told apart by the beginning of their ids. */
export function marketplacesOf(known: Record<string, string>, shops: readonly Marketplace[]): Marketplace[] {
  const isAlone = (label: string) => shops.filter((one) => one.label === label).length === 1;
  const named = shops.map(({ value, label }) => ({
    value,
    label: isAlone(label) ? label : `${label} · ${value.slice('generic:'.length).split('-')[0]}`,
  }));
  return [...Object.entries(known).map(([value, label]) => ({ value, label })), ...named];
}
