/**
 * Every dialog: it names what it is about (`subject`), begins at its first field, and gives the focus back
 * to what opened it. Mount it to open it, unmount it to close it.
 */
import { Modal, type ModalProps } from 'antd';
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';

const FIELDS = 'input, textarea, select, [contenteditable=true], .schema-form button';

export interface DialogProps extends ModalProps {
  /** The object it is about: a number, a name, how it stands now. */
  subject?: ReactNode;
}

export function Dialog({ subject, title, children, afterOpenChange, ...modal }: DialogProps) {
  const body = useRef<HTMLDivElement>(null);
  useReturnedFocus();
  return (
    <Modal
      open
      destroyOnHidden
      mask={{ closable: false }}
      {...modal}
      title={<Heading title={title} subject={subject} />}
      afterOpenChange={(open) => {
        if (open) {
          toFirstField(body);
        }
        afterOpenChange?.(open);
      }}
    >
      <div ref={body}>{children}</div>
    </Modal>
  );
}

export function Heading({ title, subject }: { title: ReactNode; subject: ReactNode }) {
  return (
    <>
      {title}
      {subject !== undefined && subject !== null && <span className="dialog-subject">{subject}</span>}
    </>
  );
}

/** What had the focus when this was opened has it again afterwards; where that is gone, the page's heading. */
export function useReturnedFocus(): void {
  const opener = useRef<Element | null>(undefined);
  opener.current ??= document.activeElement;
  useEffect(() => {
    const element = opener.current;
    return () => {
      setTimeout(() => {
        const at = document.activeElement;
        if (at !== null && at !== document.body && at.isConnected) {
          return; // it is somewhere already: another dialog, a field
        }
        const back = element instanceof HTMLElement && element.isConnected && element !== document.body;
        (back ? element : document.querySelector<HTMLElement>('#content h1'))?.focus();
      }, 0);
    };
  }, []);
}

function toFirstField(body: RefObject<HTMLElement | null>): void {
  if (body.current?.contains(document.activeElement)) {
    return; // where the screen has put it
  }
  const fields = [...(body.current?.querySelectorAll<HTMLElement>(FIELDS) ?? [])];
  fields
    .find((field) => !field.matches(':disabled, [readonly]:not([role=combobox]), [type=hidden], [hidden]'))
    ?.focus();
}
