/** What stands where content would: errors, nothing found, nothing allowed, waiting. */
import { Button, Flex, Result, Spin } from 'antd';
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
    <Result
      status="warning"
      role="alert"
      title={messageOf(error, language())}
      subTitle={id ? t('state.correlation', { id }) : undefined}
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
  return <Result status="info" title={t('state.notFound')} subTitle={t('state.notFoundHint')} extra={<HomeLink />} />;
}

export function Forbidden() {
  const { t } = useTranslation();
  return (
    <Result status="warning" title={t('state.forbidden')} subTitle={t('state.forbiddenHint')} extra={<HomeLink />} />
  );
}

/** A mistake in a screen: the rest of the console stays. */
export function Crashed() {
  const { t } = useTranslation();
  return (
    <Result
      status="error"
      role="alert"
      title={t('state.crashed')}
      subTitle={t('state.crashedHint')}
      extra={
        <Button type="primary" onClick={() => location.reload()}>
          {t('state.reload')}
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
