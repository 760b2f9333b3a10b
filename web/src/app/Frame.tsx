/** What surrounds every page: product name, entrance switch, menus, language, dark mode, messages, account. */
import {
  ApartmentOutlined,
  ApiOutlined,
  AppstoreOutlined,
  AuditOutlined,
  BellOutlined,
  CalendarOutlined,
  CheckSquareOutlined,
  DashboardOutlined,
  FileTextOutlined,
  FormOutlined,
  MailOutlined,
  MenuOutlined,
  MoonOutlined,
  ProjectOutlined,
  SettingOutlined,
  ShoppingOutlined,
  SunOutlined,
  SwapOutlined,
  TeamOutlined,
  UserOutlined,
} from '@ant-design/icons';
import { App, Button, Dropdown, Flex, Grid, Layout, Menu, Segmented, Tooltip } from 'antd';
import type { TFunction } from 'i18next';
import { type ReactNode, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, Outlet, useLocation, useMatches, useNavigate } from 'react-router';
import { followLive } from '../api/live';
import { chooseLanguage, language } from '../i18n';
import { menuText } from '../i18n/menus';
import icon from '../icon.svg';
import { SignInAgain } from '../session/SignInAgain';
import { type Entrance, signOut, useEntrances, useMe } from '../session/session';
import { lazily } from '../wrappers/lazily';
import { Failed, Forbidden, Waiting } from '../wrappers/states';
import { type Beside, pagesBeside } from './beside';
import { ConnectionBar } from './ConnectionBar';
import { chooseDark, useDark } from './dark';
import { useEntrance } from './entrance';
import { LeaveGuard } from './LeaveGuard';
import { type MenuCounts, useMenuCounts } from './menuCounts';
import { hasMenu, homeOf, type MenuGroup, menuTree } from './menus';
import { projectPath } from './projectPath';
import { useUnreadInTitle } from './title';
import { useUnread } from './unread';
import { forgetUnsaved, hasUnsaved } from './unsaved';

/** Only who has allowed them waits for their code. */
const BrowserMessages = lazily(async () => ({ default: (await import('./browserMessages')).BrowserMessages }));
const NarrowMenu = lazily(() => import('./NarrowMenu'));
const Palette = lazily(async () => ({ default: (await import('./Palette')).Palette }));

/** Key of the group with the pages beside the menus. */
const BESIDE = 'beside';

/** Of messages not read; beyond it only that there are more. */
const MOST_SHOWN = 99;

const ICONS: Readonly<Record<string, ReactNode>> = {
  产品中心: <AppstoreOutlined />,
  项目中心: <ProjectOutlined />,
  项目: <ProjectOutlined />,
  模板中心: <FileTextOutlined />,
  公共模板: <FileTextOutlined />,
  系统设置: <SettingOutlined />,
  已购服务: <ShoppingOutlined />,
  商品与服务商关系: <ApartmentOutlined />,
  模板审核: <AuditOutlined />,
  需求模板: <FormOutlined />,
  消息模板: <MailOutlined />,
  角色: <TeamOutlined />,
  节假日: <CalendarOutlined />,
  商品模板更换: <SwapOutlined />,
};

export function Frame() {
  const { t } = useTranslation();
  const key = useEntrance();
  const entrances = useEntrances();
  const menu = useMenuOfPage();
  const projectId = useMatches().at(-1)?.params['projectId'];
  const wide = Grid.useBreakpoint().lg ?? true;
  const [folded, setFolded] = useState(false);
  const [open, setOpen] = useState(false);
  useEffect(followLive, []); // what changes on the server is read anew where it is shown
  if (entrances.error) {
    return <Failed error={entrances.error} retry={() => void entrances.refetch()} />;
  }
  if (!entrances.data) {
    return <Waiting />;
  }
  const entrance = entrances.data.find((one) => one.entrance === key);
  const isOpen = entrance !== undefined && (menu === undefined || hasMenu(entrance, menu));
  const elsewhere = isOpen ? undefined : ownView(entrances.data, projectId);
  const side = entrance && <SideMenu entrance={entrance} selected={menu} onChosen={() => setOpen(false)} />;
  return (
    <Layout className="frame">
      <a className="skip-link" href="#content">
        {t('skip')}
      </a>
      <Layout.Header className="header">
        <Flex align="center" gap="small">
          <Button
            type="text"
            icon={<MenuOutlined />}
            aria-label={wide ? t(folded ? 'header.unfold' : 'header.fold') : t('header.menu')}
            aria-expanded={wide ? !folded : open}
            onClick={() => (wide ? setFolded(!folded) : setOpen(true))}
          />
          <Link to="/" className="brand" aria-label={t('product')}>
            <img src={icon} alt="" width={28} height={28} />
            <span className="brand-name">{t('product')}</span>
          </Link>
        </Flex>
        <EntranceSwitch entrances={entrances.data} current={key} />
        <HeaderTools />
      </Layout.Header>
      <Layout>
        {wide ? (
          <Layout.Sider width={216} collapsedWidth={64} collapsed={folded} className="sider" trigger={null}>
            {side}
          </Layout.Sider>
        ) : (
          <Suspense>
            <NarrowMenu open={open} onClose={() => setOpen(false)}>
              {side}
            </NarrowMenu>
          </Suspense>
        )}
        <Layout.Content className="content" id="content" tabIndex={-1} role="main">
          <ConnectionBar />
          <Suspense fallback={<Waiting />}>
            {isOpen ? <Outlet /> : elsewhere ? <Navigate to={elsewhere} replace /> : <Forbidden />}
          </Suspense>
        </Layout.Content>
      </Layout>
      <LeaveGuard />
      <SignInAgain />
    </Layout>
  );
}

/** Where this person sees a project whose address somebody else sent him (console, point 5). */
function ownView(entrances: readonly Entrance[], projectId: string | undefined): string | undefined {
  return projectId === undefined ? undefined : entrances.flatMap((one) => projectPath(one, projectId) ?? []).at(0);
}

/** The menu item that the page shown belongs to, see `Screen.menu`. */
function useMenuOfPage(): string | undefined {
  const handle = useMatches().at(-1)?.handle as { menu?: string } | undefined;
  return handle?.menu;
}

function SideMenu(props: { entrance: Entrance; selected: string | undefined; onChosen: () => void }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const groups = menuTree(props.entrance, language());
  const counts = useMenuCounts(props.entrance);
  const home = homeOf(props.entrance);
  const beside = pagesBeside(props.entrance, useMe().data);
  return (
    <nav aria-label={t('header.menu')}>
      <Menu
        key={props.entrance.entrance}
        mode="inline"
        selectedKeys={[props.selected ?? pathname]}
        defaultOpenKeys={[...groups.map((group) => group.key), BESIDE]}
        items={[
          { key: home, icon: <CheckSquareOutlined />, label: <Link to={home}>{t('header.work')}</Link> },
          ...groups.map((group) => menuItem(group, counts, t('header.notBuilt'))),
          ...(beside ? [besideItem(beside, t)] : []),
        ]}
        onClick={props.onChosen}
      />
    </nav>
  );
}

function menuItem(group: MenuGroup, counts: MenuCounts, notBuilt: string) {
  const leaf = (item: { key: string; label: string; path: string | undefined }) => ({
    key: item.key,
    label: item.path ? (
      <Link to={item.path} className="menu-label">
        <span>{item.label}</span>
        {counts.has(item.key) && <span className="tab-count">{counts.get(item.key)}</span>}
      </Link>
    ) : (
      item.label
    ),
    ...(item.path ? {} : { disabled: true, title: notBuilt }),
  });
  const icon = ICONS[group.key];
  if (group.items.length === 0) {
    return { ...leaf(group), icon };
  }
  return { key: group.key, label: group.label, icon, children: group.items.map(leaf) };
}

/** 厂商入口 / 服务商入口: a main account switches without signing out (G-17). */
function EntranceSwitch({ entrances, current }: { entrances: Entrance[]; current: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  if (entrances.length < 2) {
    return <span className="entrance-name">{menuText(entrances[0]?.name ?? '', language())}</span>;
  }
  return (
    <Segmented
      aria-label={t('header.entrances')}
      value={current}
      options={entrances.map((one) => ({ value: one.entrance, label: menuText(one.name, language()) }))}
      onChange={(chosen) => {
        const entrance = entrances.find((one) => one.entrance === chosen);
        if (entrance) {
          void navigate(homeOf(entrance));
        }
      }}
    />
  );
}

function besideItem({ group, pages }: Beside, t: TFunction) {
  return {
    key: BESIDE,
    icon: group === 'platform' ? <DashboardOutlined /> : <ApiOutlined />,
    label: t(`header.${group}`),
    children: pages.map(({ name, path }) => ({ key: path, label: <Link to={path}>{t(`header.${name}`)}</Link> })),
  };
}

function HeaderTools() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const key = useEntrance();
  const dark = useDark();
  const me = useMe();
  const unread = useUnread();
  const { modal } = App.useApp();
  useUnreadInTitle(unread);
  const leave = () => {
    const out = () => {
      forgetUnsaved();
      void signOut();
    };
    if (hasUnsaved()) {
      void modal.confirm({ title: t('leave.title'), content: t('leave.hint'), okText: t('leave.go'), onOk: out });
    } else {
      out();
    }
  };
  const messages = unread ? t('header.unread', { count: unread }) : t('header.messages');
  const hasRoom = Grid.useBreakpoint().sm ?? true;
  const speakOther = () => chooseLanguage(language() === 'zh' ? 'en' : 'zh');
  const otherLanguage = <span lang={language() === 'zh' ? 'en' : 'zh-CN'}>{t('header.language')}</span>;
  const mode = t(dark ? 'header.light' : 'header.dark');
  return (
    <Flex align="center" gap={4} className="header-tools">
      {'Notification' in window && Notification.permission === 'granted' && (
        <Suspense>
          <BrowserMessages unread={unread} open={(projectId) => void navigate(`/projects/${projectId}`)} />
        </Suspense>
      )}
      {me.data && (
        <Suspense>
          <Palette />
        </Suspense>
      )}
      <Tooltip title={messages}>
        <Button
          type="text"
          className="bell"
          icon={<BellOutlined />}
          aria-label={messages}
          onClick={() => void navigate(`/${key}/messages`)}
        >
          {unread ? (
            <span className="bell-count" aria-hidden>
              {unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}
            </span>
          ) : null}
        </Button>
      </Tooltip>
      {hasRoom && (
        <>
          <Button type="text" onClick={speakOther}>
            {otherLanguage}
          </Button>
          <Tooltip title={mode}>
            <Button
              type="text"
              icon={dark ? <SunOutlined /> : <MoonOutlined />}
              aria-label={mode}
              onClick={() => chooseDark(!dark)}
            />
          </Tooltip>
        </>
      )}
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'profile', label: <Link to={`/${key}/profile`}>{menuText('个人信息', language())}</Link> },
            ...(hasRoom
              ? []
              : [
                  { key: 'language', label: otherLanguage, onClick: speakOther },
                  { key: 'dark', label: mode, onClick: () => chooseDark(!dark) },
                ]),
            { type: 'divider' },
            { key: 'logout', label: t('header.logout'), onClick: leave },
          ],
        }}
      >
        <Button type="text" icon={<UserOutlined />} aria-label={`${t('header.account')} ${me.data?.name ?? ''}`}>
          <span className="account-name">{me.data?.name}</span>
        </Button>
      </Dropdown>
    </Flex>
  );
}
