/** 姓名, 手机号 and 座机号 as 区号 - 座机号 - 分机号, the same in personal data and in 用户管理. */
import { Flex, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { isLandline, joinLandline, type Landline } from './landline';
import { mobileOf } from './mobile';
import { MobileField } from './ReachFields';

export interface ContactValues {
  name: string;
  mobile?: string;
  landline?: Landline;
}

/** What the API wants of these fields. */
export function contactBody(values: ContactValues): { name: string; mobile: string | null; landline: string | null } {
  return {
    name: values.name.trim(),
    mobile: mobileOf(values.mobile ?? '') || null,
    landline: joinLandline(values.landline ?? {}),
  };
}

export function ContactFields() {
  const { t } = useTranslation(['session', 'settings']);
  return (
    <>
      <Form.Item
        name="name"
        label={t('profile.name')}
        rules={[{ required: true, whitespace: true, message: t('settings:users.namePlaceholder') }]}
      >
        <Input placeholder={t('settings:users.namePlaceholder')} maxLength={64} autoComplete="off" />
      </Form.Item>
      <MobileField placeholder={t('settings:users.mobilePlaceholder')} />
      <Form.Item
        name="landline"
        label={t('profile.landline')}
        rules={[
          {
            validator: (_, value: Landline | undefined) =>
              isLandline(value ?? {}) ? Promise.resolve() : Promise.reject(new Error(t('profile.invalidLandline'))),
          },
        ]}
      >
        <LandlineInput />
      </Form.Item>
    </>
  );
}

function LandlineInput(props: { id?: string; value?: Landline; onChange?: (value: Landline) => void }) {
  const { t } = useTranslation('session');
  const { value = {}, onChange } = props;
  const part = (name: keyof Landline, label: string, width: string) => (
    <Input
      {...(name === 'area' && props.id ? { id: props.id } : {})}
      className={width}
      value={value[name] ?? ''}
      aria-label={label}
      placeholder={label}
      inputMode="numeric"
      maxLength={12}
      onChange={(event) => onChange?.({ ...value, [name]: event.target.value })}
    />
  );
  return (
    <Flex align="center">
      {part('area', t('profile.area'), 'part-short')}
      <span className="part-dash" aria-hidden="true">
        -
      </span>
      {part('number', t('profile.number'), 'part-long')}
      <span className="part-dash" aria-hidden="true">
        -
      </span>
      {part('extension', t('profile.extension'), 'part-short')}
    </Flex>
  );
}
