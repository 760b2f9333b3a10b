/** 更换联系人: another is told and asked for the customer, by his own link; that of the one before opens nothing more. */
import { Alert, App, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import { mobileOf } from '../settings/mobile';
import { EmailField, MobileField } from '../settings/ReachFields';
import type { Details } from './details';

interface Values {
  name?: string;
  mobile?: string;
  email?: string;
  locale?: string;
}

export interface ChangeContactProps {
  projectId: string;
  /** The project it is about. */
  subject: string;
  /** Whoever it is so far. */
  contact: NonNullable<Details['contact']>;
  onClose: () => void;
}

/** What is known of whoever it is so far. */
function known(contact: ChangeContactProps['contact']): Values {
  const parts = ['name', 'mobile', 'email', 'locale'] as const;
  return Object.fromEntries(parts.map((part) => [part, contact[part]]).filter(([, text]) => text !== '--'));
}

export function ChangeContact({ projectId, subject, contact, onClose }: ChangeContactProps) {
  const { t } = useTranslation(['projects', 'session']);
  const { message } = App.useApp();
  const change = async ({ name, mobile, email, locale }: Values) => {
    await answer(
      api.PUT('/api/v1/projects/{project_id}/contact', {
        params: { path: { project_id: projectId } },
        body: {
          name: name?.trim() || null,
          mobile: mobileOf(mobile ?? '') || null,
          email: email?.trim() || null,
          locale: locale ?? null,
        },
      }),
    );
    await queries.invalidateQueries();
    void message.success(t('changeContact.done'));
  };
  return (
    <FormDialog<Values>
      title={t('changeContact.title')}
      subject={subject}
      initial={known(contact)}
      onClose={onClose}
      onSubmit={change}
      notice={<Alert type="warning" showIcon title={t('changeContact.warning')} className="form-refusal" />}
    >
      <Form.Item name="name" label={t('details.name')}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <MobileField label={t('details.mobile')} />
      <EmailField label={t('details.email')} extra={t('changeContact.reachHint')} />
      <Form.Item name="locale" label={t('details.locale')}>
        <Select
          allowClear
          options={[
            { value: 'zh-CN', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
      </Form.Item>
    </FormDialog>
  );
}
