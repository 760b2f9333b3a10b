import { useState } from 'react';
import { messageOf } from '../api/problem';
import { language } from '../i18n';

/** What is tried may be refused: whether it is under way, and why it was refused, until it is tried again. */
export function useAttempt() {
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const attempt = async (run: () => Promise<void>) => {
    setPending(true);
    setRefusal(undefined);
    try {
      await run();
    } catch (error) {
      setRefusal(messageOf(error, language()));
    } finally {
      setPending(false);
    }
  };
  return { attempt, pending, refusal, setRefusal };
}
