/**
 * Files chosen and what becomes of each: they go one after the other, and one that is refused does not keep the others
 * from going. A refused one can be tried again; the line of one can be taken away, which stops it where it is under way.
 */
import { useEffect, useRef, useState } from 'react';
import { messageOf } from '../../api';
import { queries } from '../../api/queries';
import { upload } from '../../api/upload';
import { language } from '../../i18n';

export interface Upload {
  id: number;
  file: File;
  /** `refused`: not sent, and never taken. */
  state: 'waiting' | 'running' | 'done' | 'failed' | 'refused' | 'stopped';
  /** 0 to 100. */
  percent: number;
  /** Why it was refused. */
  reason?: string;
}

export type Offer = { method: string; href: string };
type Send = typeof upload;

let numbers = 0;

/** Sends what is added to it, in turn. `tell` hears of every change. */
export class UploadQueue {
  private uploads: readonly Upload[] = [];
  private offers = new Map<number, Offer>();
  private running: { id: number; stop: AbortController } | undefined;

  constructor(
    private readonly tell: (uploads: readonly Upload[]) => void,
    private readonly sent: () => Promise<unknown>,
    private readonly send: Send = upload,
  ) {}

  /** `refusal`: why a file need not even be sent. */
  add(offer: Offer, files: readonly File[], refusal: (file: File) => string | undefined = () => undefined): void {
    for (const file of files) {
      numbers += 1;
      this.offers.set(numbers, offer);
      const reason = refusal(file);
      const upload: Upload = reason
        ? { id: numbers, file, state: 'refused', percent: 0, reason }
        : { id: numbers, file, state: 'waiting', percent: 0 };
      this.uploads = [...this.uploads, upload];
    }
    this.tell(this.uploads);
    void this.run();
  }

  retry(id: number): void {
    this.change(id, { state: 'waiting', percent: 0 });
    void this.run();
  }

  remove(id: number): void {
    this.uploads = this.uploads.filter((one) => one.id !== id);
    if (this.running?.id === id) {
      this.running.stop.abort();
    }
    this.tell(this.uploads);
  }

  /** The page is left: nothing more is sent. */
  stop(): void {
    this.uploads = [];
    this.running?.stop.abort();
  }

  private change(id: number, change: Partial<Upload>): void {
    this.uploads = this.uploads.map((one) => (one.id === id ? { ...one, ...change } : one));
    this.tell(this.uploads);
  }

  private async run(): Promise<void> {
    if (this.running) {
      return;
    }
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const { id, file } = next;
      const stop = new AbortController();
      this.running = { id, stop };
      this.change(id, { state: 'running' });
      try {
        await this.send(this.offers.get(id) as Offer, file, {
          signal: stop.signal,
          progress: (done, all) => this.change(id, { percent: all > 0 ? Math.floor((done / all) * 100) : 0 }),
        });
        this.change(id, { state: 'done', percent: 100 });
        await this.sent();
      } catch (error) {
        this.change(
          id,
          stop.signal.aborted ? { state: 'stopped' } : { state: 'failed', reason: messageOf(error, language()) },
        );
      }
    }
    this.running = undefined;
  }

  private next(): Upload | undefined {
    return this.uploads.find(({ state }) => state === 'waiting');
  }
}

export function useUpload() {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const queue = useRef<UploadQueue>(undefined);
  queue.current ??= new UploadQueue(setUploads, () => queries.invalidateQueries());
  useEffect(() => () => queue.current?.stop(), []);
  return { uploads, queue: queue.current };
}
