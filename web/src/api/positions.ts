/**
 * Read your own writes. A command answers how far its service's events have come (`Delivery-Position: project:17`);
 * sent back as `Delivery-Min-Position`, a read of any service waits until it has seen them. Positions are remembered
 * for a while only: by then every feed has long caught up, and waiting for it would cost for nothing.
 */
const REMEMBERED_MS = 60_000;

export class Positions {
  private readonly known = new Map<string, { position: number; until: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Take note of a command's answer; of several positions of one source the highest counts. */
  note(header: string | null): void {
    for (const part of (header ?? '').split(',')) {
      const [source = '', number = ''] = part.trim().split(':');
      const position = Number(number);
      if (source && Number.isInteger(position) && position > 0) {
        const before = this.known.get(source)?.position ?? 0;
        this.known.set(source, { position: Math.max(before, position), until: this.now() + REMEMBERED_MS });
      }
    }
  }

  /** The header for the next read, or undefined when nothing was written lately. */
  header(): string | undefined {
    for (const [source, { until }] of this.known) {
      if (until <= this.now()) {
        this.known.delete(source);
      }
    }
    const parts = [...this.known].map(([source, { position }]) => `${source}:${position}`);
    return parts.length > 0 ? parts.join(', ') : undefined;
  }

  clear(): void {
    this.known.clear();
  }
}
