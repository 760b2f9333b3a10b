/** 访问密钥: for programs of the party. The main account makes them, switches them off and on, and deletes them. */
import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Flex, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { minuteText } from '../../app/times';
import { Copyable } from '../../wrappers/Copyable';
import { ListPage } from '../../wrappers/ListPage';
import { useList } from '../../wrappers/useList';
import { useRefused } from '../../wrappers/useRefused';
import { EditButton } from '../reference/EditButton';
import { AccessKeyForm } from './AccessKeyForm';
import { type AccessKey, byService, stateOf } from './accessKeys';
import { ShownOnce } from './ShownOnce';
import { useAccountCare } from './useAccountCare';

const COLORS = { active: 'green', off: 'default', expired: 'orange' } as const;

export default function AccessKeys() {
  const { t } = useTranslation('settings');
  const list = useList<AccessKey>(['access-keys'], async () => ({
    ...(await answer(api.GET('/api/v1/access-keys'))),
    next: null,
  }));
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<Schema<'IdentityAccessKeyMade'>>();
  const actions = useKeyActions();
  const stateTag = (key: AccessKey) => {
    const state = stateOf(key, Date.now());
    return <Tag color={COLORS[state]}>{t(`keys.states.${state}`)}</Tag>;
  };
  const scopes = (key: AccessKey) =>
    byService(key.scopes)
      .map(
        ({ service, manners }) =>
          `${t(`keys.services.${service}`)}（${manners.map((manner) => t(`keys.manners.${manner}`)).join('、')}）`,
      )
      .join('；');
  const networks = (key: AccessKey) => (key.networks.length > 0 ? key.networks.join('、') : t('keys.anywhere'));
  const expiry = (key: AccessKey) => (key.expires_at ? minuteText(key.expires_at) : t('keys.never'));
  const used = (key: AccessKey) => (key.used_at ? minuteText(key.used_at) : t('keys.unused'));
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
      {t('keys.create')}
    </Button>
  );
  return (
    <>
      <ListPage<AccessKey>
        name="access-keys"
        title={t('keys.title')}
        hint={<p className="secondary page-hint">{t('keys.hint')}</p>}
        extra={create}
        list={list}
        rowKey="key_id"
        columns={[
          { key: 'name', title: t('keys.name'), width: 116, render: (key) => key.name },
          { key: 'id', title: t('keys.id'), width: 140, render: (key) => <Copyable text={key.access_key_id} /> },
          { key: 'state', title: t('keys.state'), width: 76, render: stateTag },
          { key: 'scopes', title: t('keys.scopes'), width: 136, render: scopes },
          { key: 'networks', title: t('keys.networks'), width: 100, render: networks },
          { key: 'expires_at', title: t('keys.expiresAt'), width: 94, render: expiry },
          { key: 'used_at', title: t('keys.usedAt'), width: 94, render: used },
          { key: 'created_at', title: t('keys.createdAt'), width: 94, render: (key) => minuteText(key.created_at) },
          {
            key: 'operation',
            title: t('list.operation', { ns: 'app' }),
            fixed: true,
            width: 120,
            render: (key) => (
              <Flex gap={12} wrap>
                <EditButton
                  label={t(key.enabled ? 'keys.disable' : 'keys.enable')}
                  name={key.name}
                  onClick={() => actions.set(key, !key.enabled)}
                />
                <EditButton danger label={t('keys.remove')} name={key.name} onClick={() => actions.remove(key)} />
              </Flex>
            ),
          },
        ]}
        phone={{
          title: t('keys.title'),
          render: (key) => (
            <>
              <strong>{key.name}</strong> {stateTag(key)}
              <div>
                <Copyable text={key.access_key_id} />
              </div>
              <div className="secondary">{scopes(key)}</div>
              <div className="secondary">{networks(key)}</div>
              <div className="secondary">
                {t('keys.expiresAt')}：{expiry(key)}
              </div>
              <div className="secondary">
                {t('keys.usedAt')}：{used(key)}
              </div>
            </>
          ),
        }}
        empty={{ title: t('keys.empty'), hint: t('keys.emptyHint'), action: create }}
      />
      {isMaking && <AccessKeyForm onMade={setMade} onClose={() => setMaking(false)} />}
      {made && (
        <ShownOnce
          title={t('password.title')}
          done={t('keys.made')}
          facts={[
            { label: 'AccessKey ID', text: made.access_key_id, isCode: true },
            { label: 'AccessKey Secret', text: made.secret, isCode: true },
          ]}
          once={t('keys.once')}
          copied={t('keys.copied')}
          uncopied={t('keys.uncopied')}
          onClose={() => setMade(undefined)}
        />
      )}
    </>
  );
}

/** What is done with a key: all but 启用 after a question, as programs stop working. */
function useKeyActions() {
  const { t } = useTranslation('settings');
  const { message } = App.useApp();
  const { asked } = useAccountCare(() => undefined);
  const refused = useRefused();
  const of = ({ key_id }: AccessKey) => ({ path: { key_id } });
  const put = async (key: AccessKey, enabled: boolean) => {
    await api.PUT('/api/v1/access-keys/{key_id}/state', { params: of(key), body: { enabled } });
    await queries.invalidateQueries();
    void message.success(t(enabled ? 'keys.enabled' : 'keys.disabled', { name: key.name }));
  };
  return {
    set: (key: AccessKey, enabled: boolean) =>
      enabled
        ? void put(key, true).catch(refused)
        : asked(t('keys.disableAsk', { name: key.name }), t('keys.disable'), () => put(key, false)),
    remove: (key: AccessKey) =>
      asked(t('keys.removeAsk', { name: key.name }), t('keys.remove'), async () => {
        await api.DELETE('/api/v1/access-keys/{key_id}', { params: of(key) });
        await queries.invalidateQueries();
        void message.success(t('keys.removed', { name: key.name }));
      }),
  };
}
