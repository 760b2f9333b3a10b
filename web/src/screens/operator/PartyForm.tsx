/** 登记: an ISV with its main account, or a customer with the first who signs in for it (G-02, G-10). */
import { App, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import type { Secret } from './party';
import { useMarketplaces } from './useMarketplaces';

type NewParty = Schema<'IdentityNewParty'>;

interface Values {
  kind: 'isv' | 'customer';
  name: string;
  number: string;
  marketplace: string;
  login_name: string;
  user_name: string;
}

export interface PartyFormProps {
  kind: string;
  /** What an order told of a buyer. */
  buyer?: { name: string | null; number: string | null; marketplace: string };
  onCreated: (secret: Secret) => void;
  onClose: () => void;
}

export function PartyForm(props: PartyFormProps) {
  const { t } = useTranslation('operator');
  const { message } = App.useApp();
  const { options: marketplaces } = useMarketplaces();
  const required = { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) };
  const save = async ({ kind, name, number, marketplace, login_name, user_name }: Values) => {
    const of = kind === 'customer' ? { marketplace, user: { login_name, name: user_name } } : { user: null };
    const body = { kind, name: name.trim(), number: number.trim(), ...of } as NewParty;
    const created = await answer(api.POST('/api/v1/parties', { body }));
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
      draft={['party', props.buyer?.marketplace ?? '', props.buyer?.number ?? 'new']}
      at={{ 'number-taken': 'number', 'login-name-taken': 'login_name' }}
      initial={{
        kind: props.kind === 'customer' ? 'customer' : 'isv',
        name: props.buyer?.name ?? '',
        number: props.buyer?.number ?? '',
        marketplace: props.buyer?.marketplace ?? '',
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
              {isCustomer && (
                <Form.Item name="marketplace" label={t('marketplaces.title')} extra={t('marketplaces.hint')}>
                  <Select options={marketplaces} showSearch={{ optionFilterProp: 'label' }} />
                </Form.Item>
              )}
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
