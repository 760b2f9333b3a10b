/** 新建用户 and 编辑用户 (U-02, U-14, U-31). What is fixed is shown and not editable. */
import { useQuery } from '@tanstack/react-query';
import { App, Form, Input, Radio, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api, ifMatch, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { useMe } from '../../session/session';
import { FormDialog } from '../../wrappers/FormDialog';
import { maximumOf, refuseOutside } from '../work/maximum';
import { ContactFields, type ContactValues, contactBody } from './ContactFields';
import { splitLandline } from './landline';
import { useDepartments } from './useDepartments';

export type User = Schema<'IdentityUserOut'>;
export type Side = 'vendor' | 'provider';

interface Values extends ContactValues {
  login_name: string;
  roles: string[];
  department_id?: string | null;
  maximum?: string;
  receiving?: boolean;
}

export interface UserFormProps {
  side: Side;
  /** Who is edited; undefined = a new user. */
  user?: User;
  /** The department a new user is preset with. */
  departmentId?: string | undefined;
  onCreated: (created: Schema<'IdentityPasswordOut'>) => void;
  onClose: () => void;
}

export function UserForm({ side, user, departmentId, onCreated, onClose }: UserFormProps) {
  const { t } = useTranslation(['settings', 'work']);
  const { message } = App.useApp();
  const me = useMe().data;
  const departments = useDepartments(side === 'provider');
  const roles = useRoles(side);
  const suffix = `@${me?.login_name.split('@')[1] ?? ''}`;
  const save = async (values: Values) => {
    const body = { ...contactBody(values), roles: values.roles, department_id: values.department_id ?? null };
    if (user) {
      const params = { path: { user_id: user.user_id } };
      await api.PUT('/api/v1/users/{user_id}', { params, body, ...ifMatch(user.revision) });
      void message.success(t('users.saved'));
    } else {
      onCreated(
        await answer(
          api.POST('/api/v1/users', {
            body: {
              ...body,
              login_name: values.login_name.trim(),
              side,
              ...(side === 'provider' && {
                maximum: maximumOf(values.maximum ?? '10'),
                receiving: values.receiving ?? true,
              }),
            },
          }),
        ),
      );
    }
    await queries.invalidateQueries();
  };
  return (
    <FormDialog<Values>
      title={t(user ? 'users.editTitle' : 'users.createTitle')}
      subject={user?.name}
      draft={['user', side, user ? `${user.user_id}.${user.revision}` : 'new']}
      at={{ 'login-name-taken': 'login_name' }}
      onClose={onClose}
      onSubmit={save}
      initial={
        user
          ? {
              login_name: user.local_name,
              name: user.name,
              mobile: user.mobile ?? '',
              landline: splitLandline(user.landline),
              roles: user.roles.map(({ role }) => role),
              department_id: user.department_id,
            }
          : { department_id: departmentId ?? null, maximum: '10', receiving: true }
      }
    >
      <Form.Item
        name="login_name"
        label={t('users.loginName')}
        rules={[
          { required: true, message: t('users.loginPlaceholder') },
          { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, message: t('users.loginInvalid') },
        ]}
      >
        <Input
          placeholder={t('users.loginPlaceholder')}
          suffix={suffix}
          disabled={user !== undefined}
          autoComplete="off"
        />
      </Form.Item>
      <Form.Item label={t('users.side')} required htmlFor="user-side">
        <Input id="user-side" value={t(`users.${side}`)} disabled />
      </Form.Item>
      <Form.Item label={t(`users.${side}`)} required htmlFor="user-party">
        <Input id="user-party" value={me?.party_name ?? ''} disabled />
      </Form.Item>
      {side === 'provider' && (
        <Form.Item name="department_id" label={t('users.department')}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            placeholder={t('users.departmentPlaceholder')}
            options={(departments.data?.items ?? []).map((one) => ({ value: one.department_id, label: one.name }))}
          />
        </Form.Item>
      )}
      <Form.Item
        name="roles"
        label={t('users.roles')}
        rules={[{ required: true, message: t('users.rolesPlaceholder') }]}
      >
        <Select
          mode="multiple"
          placeholder={t('users.rolesPlaceholder')}
          options={roles}
          showSearch={{ optionFilterProp: 'label' }}
        />
      </Form.Item>
      {side === 'provider' && !user && (
        <>
          <Form.Item
            name="maximum"
            label={t('loads.maximum', { ns: 'work' })}
            rules={[
              { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) },
              {
                validator: async (_: unknown, typed?: string) => refuseOutside(typed, t('loads.range', { ns: 'work' })),
              },
            ]}
          >
            <Input inputMode="numeric" maxLength={6} placeholder="0-50" />
          </Form.Item>
          <Form.Item name="receiving" label={t('receiving.label', { ns: 'work' })}>
            <Radio.Group
              options={[
                { value: true, label: t('receiving.on', { ns: 'work' }) },
                { value: false, label: t('receiving.off', { ns: 'work' }) },
              ]}
            />
          </Form.Item>
        </>
      )}
      <ContactFields />
    </FormDialog>
  );
}

/** The roles a sub-account of `side` can have: all but the main account's own (U-06, U-17). Those that new templates cannot
 * name any more come last: orders of older ones may wait for somebody who has them. */
function useRoles(side: Side): { value: string; label: string }[] {
  const { t } = useTranslation(['settings', 'work']);
  const roles = useQuery({
    queryKey: ['roles', side],
    queryFn: () => answer(api.GET('/api/v1/roles', { params: { query: { side } } })),
    staleTime: 60_000,
  });
  return (roles.data?.items ?? [])
    .filter((role) => role.code !== 'vendor_admin' && role.code !== 'provider_admin')
    .sort((a, b) => Number(b.active) - Number(a.active))
    .map(({ code, name, active }) => ({ value: code, label: active ? name : t('users.roleRetired', { name }) }));
}
