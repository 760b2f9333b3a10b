/** The frame of one figure: its name, a switch beside it, waiting and failure. */
import { Skeleton } from 'antd';
import { type ReactNode, useId } from 'react';
import { Failed } from '../../wrappers/states';
import type { Figure } from './useFigure';

export interface FigureCardProps<Out> {
  title: string;
  explanation: string;
  figure: Figure<Out>;
  /** For example 日 / 月. */
  choice?: ReactNode;
  wide?: boolean;
  children: (then: Out, now: Out | undefined) => ReactNode;
}

export function FigureCard<Out>({ title, explanation, figure, choice, wide, children }: FigureCardProps<Out>) {
  const id = useId();
  let body: ReactNode;
  if (figure.error) {
    body = <Failed error={figure.error} retry={figure.retry} />;
  } else if (figure.midnight === undefined) {
    body = (
      <div aria-busy="true">
        <Skeleton active paragraph={{ rows: 5 }} title={false} />
      </div>
    );
  } else {
    body = children(figure.midnight, figure.now);
  }
  return (
    <section className={`card figure${wide ? ' figure-wide' : ''}`} aria-labelledby={id}>
      <header className="figure-head">
        <div>
          <h2 id={id}>{title}</h2>
          <p className="secondary">{explanation}</p>
        </div>
        {choice}
      </header>
      {body}
    </section>
  );
}
