/** What stands where content would: errors, nothing found, nothing allowed, waiting. */
import { CloseCircleFilled, InfoCircleFilled, WarningFilled } from '@ant-design/icons';
import { Button, Flex, Spin } from 'antd';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ApiError, messageOf } from '../api';
import { language } from '../i18n';

/** An error of the API (or of this page) with what to do about it. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  if (error instanceof ApiError && error.status === 404) {
    return <NotFound />;
  }
  if (error instanceof ApiError && error.status === 403) {
    return <Forbidden />;
  }
  const id = error instanceof ApiError ? error.correlationId : undefined;
  return (
    <State
      kind="warning"
      role="alert"
      title={messageOf(error, language())}
      hint={id ? t('state.correlation', { id }) : undefined}
      extra={
        retry && (
          <Button type="primary" onClick={retry}>
            {t('retry')}
          </Button>
        )
      }
    />
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return <State kind="info" isPage title={t('state.notFound')} hint={t('state.notFoundHint')} extra={<HomeLink />} />;
}

export function Forbidden() {
  const { t } = useTranslation();
  return (
    <State kind="warning" isPage title={t('state.forbidden')} hint={t('state.forbiddenHint')} extra={<HomeLink />} />
  );
}

/** A mistake in a screen: the rest of the console stays. */
export function Crashed() {
  const { t } = useTranslation();
  return (
    <State
      kind="error"
      role="alert"
      title={t('state.crashed')}
      hint={t('state.crashedHint')}
      extra={
        <Button type="primary" onClick={() => location.reload()}>
          {t('state.reload')}
        </Button>
      }
    />
  );
}

/** The page's code could not be loaded: tried again when the network is back, or when asked to. */
export function Unloaded() {
  const { t } = useTranslation();
  useEffect(() => {
    const again = () => location.reload();
    window.addEventListener('online', again);
    return () => window.removeEventListener('online', again);
  }, []);
  const retry = async () => {
    // Offline, loading anew would leave nothing at all.
    const isThere = await fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
      () => true,
      () => false,
    );
    if (isThere) {
      location.reload();
    }
  };
  return (
    <State
      kind="warning"
      role="alert"
      isPage
      title={t('connection.chunk')}
      extra={
        <Button type="primary" onClick={() => void retry()}>
          {t('retry')}
        </Button>
      }
    />
  );
}

export function Waiting() {
  return (
    <Flex justify="center" className="waiting" aria-busy="true">
      <Spin size="large" />
    </Flex>
  );
}

const ICONS = { info: InfoCircleFilled, warning: WarningFilled, error: CloseCircleFilled };

/** What stands where something else should: why, and what to do next. In the place of a page (`isPage`) its heading. */
export function State(props: {
  kind: keyof typeof ICONS;
  title: string;
  hint?: string | undefined;
  extra?: ReactNode;
  isPage?: boolean;
  role?: 'alert';
}) {
  const Icon = ICONS[props.kind];
  const Title = props.isPage ? 'h1' : 'p';
  return (
    <div className="state" role={props.role}>
      <Icon className={`state-icon state-${props.kind}`} aria-hidden />
      <Title className="state-title">{props.title}</Title>
      {props.hint && <p className="secondary">{props.hint}</p>}
      {props.extra}
    </div>
  );
}

function HomeLink() {
  const { t } = useTranslation();
  return (
    <Link to="/">
      <Button type="primary" tabIndex={-1}>
        {t('state.home')}
      </Button>
    </Link>
  );
}
