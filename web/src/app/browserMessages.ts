/**
 * Messages as notifications of the browser, while one looks at something else: those not read yet of which one wants to be
 * told there, outside of one's quiet hours. Nothing is shown before it was allowed in the browser.
 */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { answer, api, type Schema } from '../api';
import { readingOf } from './times';

export type Preferences = Schema<'NotifyPreferences'>;
type Message = Schema<'NotifyMessageOut'>;

const MOST = 3;

/** Whether it is quiet at that minute of the day; over midnight where the beginning is the later. */
export function isQuiet({ quiet_from: from, quiet_to: to }: Preferences, minute: number): boolean {
  if (from === null || to === null) {
    return false;
  }
  return from <= to ? from <= minute && minute < to : from <= minute || minute < to;
}

/** What came after `since` and is to be shown, newest first, a few of them. */
export function toShow(messages: readonly Message[], since: string, wanted: Preferences, minute: number): Message[] {
  if (isQuiet(wanted, minute)) {
    return [];
  }
  const muted = new Set(wanted.muted.filter(({ channel }) => channel === 'browser').map(({ event }) => event));
  return messages
    .filter(({ created_at, trigger }) => created_at > since && !muted.has(trigger as never))
    .slice(0, MOST);
}

export function usePreferences() {
  return useQuery({
    queryKey: ['preferences'],
    queryFn: () => answer(api.GET('/api/v1/messages/preferences')),
    staleTime: 300_000,
  });
}

export function browserPermission(): NotificationPermission | 'missing' {
  return 'Notification' in window ? Notification.permission : 'missing';
}

/** The minute of the day in the platform's zone. */
function minuteNow(): number {
  const [hours = 0, minutes = 0] = readingOf().slice(11, 16).split(':').map(Number);
  return hours * 60 + minutes;
}

/** Shows what comes while the page is not looked at; nothing on the page. `open` leads to the project. */
export function BrowserMessages({ unread, open }: { unread: number; open: (projectId: string) => void }): null {
  const since = useRef<string>(undefined);
  const opening = useRef(open);
  opening.current = open;
  useEffect(() => {
    if (browserPermission() !== 'granted') {
      return;
    }
    void (async () => {
      try {
        const [box, wanted] = await Promise.all([
          answer(api.GET('/api/v1/messages', { params: { query: { unread: true, limit: 20 } } })),
          answer(api.GET('/api/v1/messages/preferences')),
        ]);
        const before = since.current;
        since.current = box.items[0]?.created_at ?? before ?? '';
        if (before === undefined || document.visibilityState === 'visible' || unread === 0) {
          return;
        }
        for (const message of toShow(box.items, before, wanted, minuteNow())) {
          const shown = new Notification(message.title, { body: message.body, tag: message.message_id });
          shown.onclick = () => {
            window.focus();
            opening.current(message.project_id);
            shown.close();
          };
        }
      } catch {
        // They stand in the box all the same.
      }
    })();
  }, [unread]);
  return null;
}
