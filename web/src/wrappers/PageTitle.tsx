/** The heading of a page: names the browser's tab as well, and takes the focus when another page was left for it. */
import { type ReactNode, useEffect, useRef } from 'react';
import { useLocation } from 'react-router';
import { useTitle } from '../app/title';

/** The page that had the focus last. */
let left: string | undefined;

export interface PageTitleProps {
  id?: string;
  className?: string;
  /** What the tab says, where the heading is more than a text. */
  title?: string;
  children: ReactNode;
}

export function PageTitle({ id, className, title, children }: PageTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  useTitle(title ?? (typeof children === 'string' ? children : undefined));
  useEffect(() => {
    if (left !== undefined && left !== pathname) {
      heading.current?.focus({ preventScroll: true });
    }
    left = pathname;
  }, [pathname]);
  return (
    <h1 id={id} className={className} ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
