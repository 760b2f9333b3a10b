/** Ctrl-K: go to any menu, or find an order number; ?: the shortcuts (console, point 8). */
import { SearchOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Tooltip } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { language } from '../i18n';
import { menuText } from '../i18n/menus';
import { useEntrances, useMe } from '../session/session';
import { Dialog } from '../wrappers/Dialog';
import { pagesBeside } from './beside';
import { useEntrance } from './entrance';
import { menuTree } from './menus';
import { useValues } from './useValues';

const ORDER = /^[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*$/;
/** Keys typed here are text, no shortcuts. */
const TYPING = 'input, textarea, select, [contenteditable=true]';

export function Palette() {
  const { t } = useTranslation();
  const [shown, setShown] = useState<'palette' | 'help'>();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.matches(TYPING);
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setShown('palette');
      } else if (event.key === '?' && !isTyping) {
        setShown('help');
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
  const close = () => setShown(undefined);
  return (
    <>
      <Tooltip title={t('palette.open')}>
        <Button
          type="text"
          icon={<SearchOutlined />}
          aria-label={t('palette.open')}
          onClick={() => setShown('palette')}
        />
      </Tooltip>
      {shown === 'palette' && <Search onClose={close} />}
      {shown === 'help' && (
        <Dialog title={t('palette.help')} footer={null} onCancel={close}>
          <dl className="facts">
            <dt>
              <kbd>Ctrl</kbd> + <kbd>K</kbd>
            </dt>
            <dd>{t('palette.keys.palette')}</dd>
            <dt>
              <kbd>?</kbd>
            </dt>
            <dd>{t('palette.keys.help')}</dd>
            <dt>
              <kbd>Esc</kbd>
            </dt>
            <dd>{t('palette.keys.close')}</dd>
          </dl>
        </Dialog>
      )}
    </>
  );
}

function Search({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const key = useEntrance();
  const entrances = useEntrances().data ?? [];
  const [typed, setTyped] = useState('');
  const named = (entrance: string, label: string) =>
    entrances.length > 1 ? `${menuText(entrance, language())} › ${label}` : label;
  const menus = entrances.flatMap((entrance) =>
    menuTree(entrance, language())
      .flatMap((menu) => (menu.items.length > 0 ? menu.items : [menu]))
      .flatMap(({ label, path }) => (path ? [{ value: path, label: named(entrance.name, label) }] : [])),
  );
  const me = useMe().data;
  const extra = entrances.flatMap((entrance) =>
    (pagesBeside(entrance, me)?.pages ?? []).map(({ name, path }) => ({
      value: path,
      label: named(entrance.name, t(`header.${name}`)),
    })),
  );
  const pages = [...menus, ...extra];
  const wanted = typed.trim().toLowerCase();
  const list = pages.find(({ value }) => value === `/${key}/projects`);
  const order =
    list && ORDER.test(wanted)
      ? [
          {
            value: `${list.value}?tab=all&order_number=${encodeURIComponent(typed.trim())}`,
            label: t('palette.order', { order: typed.trim() }),
          },
        ]
      : [];
  const values = useValues(list !== undefined && wanted !== '');
  const parameter =
    list && wanted !== '' && values?.parameters.length
      ? [
          {
            value: `${list.value}?tab=all&parameter=${encodeURIComponent(typed.trim())}`,
            label: t('palette.parameter', { value: typed.trim() }),
          },
        ]
      : [];
  const found = [...order, ...pages.filter(({ label }) => label.toLowerCase().includes(wanted)), ...parameter];
  return (
    <Dialog title={t('palette.title')} footer={null} onCancel={onClose}>
      <AutoComplete
        autoFocus
        open={found.length > 0}
        defaultActiveFirstOption
        className="palette"
        getPopupContainer={(input) => input.parentElement ?? document.body} // part of the dialog for screen readers
        aria-label={t('palette.placeholder')}
        placeholder={t('palette.placeholder')}
        value={typed}
        onChange={(text: string) => setTyped(text)}
        options={found}
        onSelect={(path: string) => {
          onClose();
          void navigate(path);
        }}
      />
      {found.length === 0 && <p role="status">{t('palette.nothing')}</p>}
    </Dialog>
  );
}
