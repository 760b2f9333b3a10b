/** Lists that others change while one looks at them: read anew every quarter of a minute while the page is seen. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

const PERIOD_MS = 15_000;

/** `key`: the first part of the list's key. */
export function useRefreshed(key: string): void {
  const client = useQueryClient();
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) {
        void client.invalidateQueries({ queryKey: [key] });
      }
    }, PERIOD_MS);
    return () => clearInterval(timer);
  }, [client, key]);
}
