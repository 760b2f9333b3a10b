/** What an order is besides a sale, and what the marketplace has made of it: tags beside its project. */

export interface Marked {
  trial: boolean;
  test: boolean;
  /** Why the marketplace holds the project. */
  holds: readonly string[];
  /** Whether the buyer gets his money back; null as long as the marketplace has not ended the order. */
  refund: boolean | null;
}

export type Mark = 'trial' | 'test' | 'frozen' | 'expired' | 'refunded';

export const MARK_COLOURS: Record<Mark, string> = {
  trial: 'purple',
  test: 'default',
  frozen: 'red',
  expired: 'red',
  refunded: 'magenta',
};

/** The marks of an order, in the order in which they are shown. */
export function marksOf({ trial, test, holds, refund }: Marked): Mark[] {
  const there: Record<Mark, boolean> = {
    trial,
    test,
    frozen: holds.includes('frozen'),
    expired: holds.includes('expired'),
    refunded: refund === true,
  };
  return (Object.keys(there) as Mark[]).filter((mark) => there[mark]);
}
