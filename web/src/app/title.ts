/** What the browser's tab says: messages not read, the page, the product. */
import { useEffect } from 'react';
import { i18next } from '../i18n';

const shown = { page: '', unread: 0 };

export function titleOf(page: string, unread: number, product: string): string {
  return (unread > 0 ? `(${unread}) ` : '') + [page, product].filter(Boolean).join(' – ');
}

function write(): void {
  document.title = titleOf(shown.page, shown.unread, i18next.t('product', { ns: 'app' }));
}

/** Name the page for as long as it is shown; undefined while its name is not known. */
export function useTitle(page: string | undefined): void {
  useEffect(() => {
    shown.page = page ?? '';
    write();
  }, [page]);
}

/** How many messages the caller has not read. */
export function useUnreadInTitle(unread: number): void {
  useEffect(() => {
    shown.unread = unread;
    write();
    return () => {
      shown.unread = 0;
    };
  }, [unread]);
}
