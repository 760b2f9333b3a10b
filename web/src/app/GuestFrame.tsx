/** Around the one project of a customer who came by a link: no menus, since there is nothing else for him here. */
import { Alert, Button, Flex, Layout } from 'antd';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet, useLocation } from 'react-router';
import { chooseLanguage, language } from '../i18n';
import icon from '../icon.svg';
import { CodeDialog } from '../session/CodeDialog';
import { leave, pathOf } from '../session/guest';
import { useSession } from '../session/session';
import { lazily } from '../wrappers/lazily';
import { Waiting } from '../wrappers/states';
import { ConnectionBar } from './ConnectionBar';
import { LeaveGuard } from './LeaveGuard';

const ClaimAccount = lazily(async () => ({
  default: (await import('../screens/session/ClaimAccount')).ClaimAccount,
}));

export function GuestFrame({ projectId }: { projectId: string }) {
  const { t } = useTranslation('session');
  const { ended } = useSession();
  const own = pathOf(projectId);
  return (
    <Layout className="frame guest">
      <Layout.Header className="header">
        <span className="brand">
          <img src={icon} alt="" width={28} height={28} />
          <span className="brand-name">{t('product', { ns: 'app' })}</span>
        </span>
        <Flex align="center" gap={4} className="header-tools">
          <Button type="text" onClick={() => chooseLanguage(language() === 'zh' ? 'en' : 'zh')}>
            <span lang={language() === 'zh' ? 'en' : 'zh-CN'}>{t('header.language', { ns: 'app' })}</span>
          </Button>
          <Button type="text" onClick={() => void leave()}>
            {t('guest.leave')}
          </Button>
        </Flex>
      </Layout.Header>
      <Layout.Content className="content" id="content" tabIndex={-1} role="main">
        <ConnectionBar />
        {ended && <Alert type="warning" showIcon role="status" className="form-refusal" title={t('guest.ended')} />}
        <Suspense fallback={<Waiting />}>
          {useLocation().pathname === own ? <Outlet /> : <Navigate to={own} replace />}
        </Suspense>
        <Suspense>
          <ClaimAccount projectId={projectId} />
        </Suspense>
      </Layout.Content>
      <LeaveGuard />
      <CodeDialog />
    </Layout>
  );
}
