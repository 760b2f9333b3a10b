/** 登记: an ISV with its main account, or a customer with the first who signs in for it (G-02, G-10). */
import { App, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import type { Secret } from './party';

type NewParty = Schema<'IdentityNewParty'>;

interface Values {
  kind: 'isv' | 'customer';
  name: string;
  number: string;
  login_name: string;
  user_name: string;
}

export interface PartyFormProps {
  kind: string;
  /** What an order told of a buyer. */
  buyer?: { name: string | null; number: string | null };
  onCreated: (secret: Secret) => void;
  onClose: () => void;
}

export function PartyForm(props: PartyFormProps) {
  const { t } = useTranslation('operator');
  const { message } = App.useApp();
  const required = { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) };
  const save = async ({ kind, name, number, login_name, user_name }: Values) => {
    const user = kind === 'customer' ? { login_name, name: user_name } : null;
    const created = await answer(
      api.POST('/api/v1/parties', { body: { kind, name: name.trim(), number: number.trim(), user } as NewParty }),
    );
    await queries.invalidateQueries();
    if (created.user) {
      props.onCreated({ kind: 'created', loginName: created.user.login_name, password: created.initial_password });
    } else {
      void message.success(t('form.saved', { ns: 'app' }));
    }
  };
  return (
    <FormDialog<Values>
      title={t('parties.create')}
      draft={['party', props.buyer?.number ?? 'new']}
      at={{ 'number-taken': 'number', 'login-name-taken': 'login_name' }}
      initial={{
        kind: props.kind === 'customer' ? 'customer' : 'isv',
        name: props.buyer?.name ?? '',
        number: props.buyer?.number ?? '',
      }}
      onSubmit={save}
      onClose={props.onClose}
    >
      <Form.Item name="kind" label={t('parties.kind')}>
        <Select
          options={(['isv', 'customer'] as const).map((value) => ({ value, label: t(`parties.kinds.${value}`) }))}
        />
      </Form.Item>
      <Form.Item name="name" label={t('parties.name')} rules={[required]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item noStyle dependencies={['kind']}>
        {({ getFieldValue }) => {
          const isCustomer = getFieldValue('kind') === 'customer';
          return (
            <>
              <Form.Item
                name="number"
                label={t(isCustomer ? 'parties.number' : 'parties.account')}
                extra={t(isCustomer ? 'parties.numberHint' : 'parties.accountHint')}
                rules={[required]}
              >
                <Input maxLength={64} autoComplete="off" />
              </Form.Item>
              {isCustomer && (
                <>
                  <Form.Item name="login_name" label={t('parties.loginName')} rules={[required]}>
                    <Input maxLength={64} autoComplete="off" />
                  </Form.Item>
                  <Form.Item name="user_name" label={t('parties.userName')} rules={[required]}>
                    <Input maxLength={64} autoComplete="off" />
                  </Form.Item>
                </>
              )}
            </>
          );
        }}
      </Form.Item>
    </FormDialog>
  );
}
