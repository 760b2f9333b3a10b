/** 设置密钥 and 轮换密钥: the marketplace's own, or one that is made here and shown this once. The one before verifies a while longer. */
import { Alert, App, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import { ShownOnce } from '../settings/ShownOnce';
import { type Connection, wholeAddress } from './connection';

const LONGEST_OVERLAP = 720;

export interface SecretFormProps {
  connection: Connection;
  /** The secret is made here, not by the marketplace. */
  isMade: boolean;
  onClose: () => void;
}

export function SecretForm({ connection, isMade, onClose }: SecretFormProps) {
  const { t } = useTranslation('connections');
  const { message } = App.useApp();
  const [made, setMade] = useState<string>();
  const isAnother = connection.has_secret;
  const save = async ({ secret, overlap_hours }: { secret?: string; overlap_hours?: string }) => {
    const set = await answer(
      api.PUT('/api/v1/connections/{connection_id}/secret', {
        params: { path: { connection_id: connection.id } },
        body: { secret: isMade ? null : (secret ?? '').trim(), overlap_hours: Number(overlap_hours ?? 24) },
      }),
    );
    await queries.invalidateQueries();
    if (isMade && set.secret) {
      setMade(set.secret);
      return 'stay';
    }
    void message.success(t('secret.saved'));
    return undefined;
  };
  if (made !== undefined) {
    return (
      <ShownOnce
        title={t('secret.title')}
        done={t('secret.made')}
        facts={[
          { label: t('address'), text: wholeAddress(connection.address, location.origin), isCode: true },
          { label: t('secret.secret'), text: made, isCode: true },
        ]}
        once={t('secret.once')}
        copied={t('secret.copied')}
        uncopied={t('secret.uncopied')}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog<{ secret?: string; overlap_hours?: string }>
      title={t(isAnother ? 'secret.rotate' : 'secret.set')}
      subject={connection.name}
      initial={{ secret: '', overlap_hours: '24' }}
      at={{ 'secret-unusable': 'secret' }}
      notice={isMade ? <Alert type="info" showIcon className="form-refusal" title={t('secret.isMade')} /> : undefined}
      okText={isMade ? t('secret.make') : t('confirm', { ns: 'app' })}
      onSubmit={save}
      onClose={onClose}
    >
      {!isMade && (
        <Form.Item
          name="secret"
          label={t('secret.secret')}
          extra={t('secret.given')}
          rules={[{ required: true, whitespace: true, message: t('form.required', { ns: 'app' }) }]}
        >
          <Input.Password maxLength={200} autoComplete="off" visibilityToggle={false} />
        </Form.Item>
      )}
      {isAnother && (
        <Form.Item
          name="overlap_hours"
          label={t('secret.overlap')}
          extra={t('secret.overlapHint')}
          rules={[
            { required: true, message: t('secret.overlapRange') },
            {
              validator: async (_: unknown, typed?: string) => {
                if (typed && !(/^\d{1,3}$/.test(typed) && Number(typed) <= LONGEST_OVERLAP)) {
                  throw new Error(t('secret.overlapRange'));
                }
              },
            },
          ]}
        >
          <Input inputMode="numeric" maxLength={3} />
        </Form.Item>
      )}
    </FormDialog>
  );
}
