/** A page below a list: breadcrumb ending in 返回, title with tags and buttons, and its sections as cards. */
import { ArrowLeftOutlined } from '@ant-design/icons';
import { Breadcrumb, Flex } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { PageTitle } from './PageTitle';
import { Failed, Waiting } from './states';

export interface DetailPageProps {
  /** Names of the pages above and of this one (G-30); 返回 is added. */
  trail: readonly string[];
  /** Path of the list this page belongs to, below the entrance's; 返回 leads there, with the filters it had. */
  backTo: string;
  title?: ReactNode;
  /** What the browser's tab says; without, the title. */
  tab?: string;
  /** The row of the list that this page is about: 返回 marks it. */
  row?: string;
  tags?: ReactNode;
  /** Buttons at the top right. */
  extra?: ReactNode;
  isLoading?: boolean;
  error?: unknown;
  retry?: () => void;
  children?: ReactNode;
}

export function DetailPage(props: DetailPageProps) {
  const { t } = useTranslation();
  const state: unknown = useLocation().state;
  const search = typeof state === 'object' && state !== null && 'listSearch' in state ? String(state.listSearch) : '';
  let body = props.children;
  if (props.error) {
    body = <Failed error={props.error} {...(props.retry ? { retry: props.retry } : {})} />;
  } else if (props.isLoading) {
    body = <Waiting />;
  }
  return (
    <article className="detail-page">
      <Breadcrumb
        separator=">"
        items={[
          ...props.trail.map((title) => ({ title })),
          {
            title: (
              <Link to={{ pathname: props.backTo, search }} state={{ left: props.row }}>
                <ArrowLeftOutlined /> {t('back')}
              </Link>
            ),
          },
        ]}
      />
      {props.title !== undefined && !props.error && !props.isLoading && (
        <Flex justify="space-between" align="center" wrap gap="small" className="page-head">
          <Flex align="center" gap="small" wrap>
            <PageTitle {...(props.tab === undefined ? {} : { title: props.tab })}>{props.title}</PageTitle>
            {props.tags}
          </Flex>
          <Flex gap="small" wrap>
            {props.extra}
          </Flex>
        </Flex>
      )}
      {body}
    </article>
  );
}

/** One part of a page. */
export function Section({ title, extra, children }: { title: string; extra?: ReactNode; children: ReactNode }) {
  return (
    <section className="card section">
      <Flex justify="space-between" align="center" wrap gap="small">
        <h2>{title}</h2>
        {extra}
      </Flex>
      {children}
    </section>
  );
}
