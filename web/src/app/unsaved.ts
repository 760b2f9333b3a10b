/** Which forms hold something that was typed and not sent, so that whoever leaves is asked. */
import { useEffect, useRef } from 'react';

const forms = new Set<object>();

export function hasUnsaved(): boolean {
  return forms.size > 0;
}

/** Whoever was asked and leaves all the same. */
export function forgetUnsaved(): void {
  forms.clear();
}

/** A form tells whether it holds something; `release` before what it holds is sent, since sending may lead elsewhere. */
export function useUnsaved(isDirty: boolean): { release: () => void; hold: () => void } {
  const form = useRef({});
  useEffect(() => {
    const own = form.current;
    if (isDirty) {
      forms.add(own);
    }
    return () => {
      forms.delete(own);
    };
  }, [isDirty]);
  return {
    release: () => void forms.delete(form.current),
    hold: () => void forms.add(form.current),
  };
}
