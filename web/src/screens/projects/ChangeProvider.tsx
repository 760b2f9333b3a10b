/** 更换服务商: warning, another configured provider with free load, and a remark (R-30 … R-42). */
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { outcomeOf } from '../../api/outcome';
import { queries } from '../../api/queries';
import { joined, useSaid } from '../../i18n/said';
import { FormDialog } from '../../wrappers/FormDialog';
import { prose } from './prose';

export interface ChangeProviderProps {
  projectId: string;
  /** The project it is about. */
  subject: string;
  productId: string;
  /** The present provider, which is not offered. */
  provider: { id: string | null; name: string | null };
  onClose: () => void;
}

export function ChangeProvider({ projectId, subject, productId, provider, onClose }: ChangeProviderProps) {
  const { t } = useTranslation('projects');
  const said = useSaid();
  const { message } = App.useApp();
  const candidates = useQuery({
    queryKey: ['provider-candidates', productId],
    queryFn: () =>
      answer(
        api.GET('/api/v1/provider-configurations/{product_id}/candidates', {
          params: { path: { product_id: productId } },
        }),
      ),
  });
  const others = (candidates.data?.items ?? []).filter(
    (one) => one.configured && one.provider_id !== provider.id && one.load < one.maximum,
  );
  const [chosen, setChosen] = useState<string>();
  const full = others.find((one) => one.provider_id === chosen)?.full_roles ?? [];
  const change = async ({ provider_id, remark }: { provider_id: string; remark: string }) => {
    const asked = await answer(
      api.PUT('/api/v1/projects/{project_id}/provider', {
        params: { path: { project_id: projectId } },
        body: { provider_id, remark: remark.trim() },
      }),
    );
    await outcomeOf(projectId, asked.request_id);
    await queries.invalidateQueries();
    void message.success(t('changeProvider.done'));
  };
  return (
    <FormDialog<{ provider_id: string; remark: string }>
      title={t('changeProvider.title')}
      subject={`${subject} · ${t('changeProvider.present', { name: provider.name ?? '--' })}`}
      draft={['change-provider', projectId]}
      danger
      onClose={onClose}
      onSubmit={change}
      okDisabled={others.length === 0}
      notice={<Alert type="warning" showIcon title={t('changeProvider.warning')} className="form-refusal" />}
    >
      <Form.Item
        name="provider_id"
        label={t('changeProvider.choose')}
        rules={[{ required: true, message: t('changeProvider.placeholder') }]}
        extra={
          candidates.isSuccess && others.length === 0
            ? t('changeProvider.none')
            : full.length > 0 && (
                <span className="warned" role="status">
                  {t('changeProvider.staffFullHint', { roles: joined(full.map(said)) })}
                </span>
              )
        }
      >
        <Select
          loading={candidates.isLoading}
          placeholder={t('changeProvider.placeholder')}
          onChange={setChosen}
          options={others.map((one) => ({
            value: one.provider_id,
            label: [
              `${one.name ?? one.provider_id} ${t('changeProvider.load', { load: one.load, maximum: one.maximum })}`,
              ...(one.full_roles.length > 0
                ? [t('changeProvider.staffFull', { roles: joined(one.full_roles.map(said)) })]
                : []),
            ].join(' · '),
          }))}
        />
      </Form.Item>
      <Form.Item name="remark" label={t('changeProvider.remark')} rules={[prose(t('form.required', { ns: 'app' }))]}>
        <Input.TextArea placeholder={t('changeProvider.remarkPlaceholder')} rows={3} maxLength={500} showCount />
      </Form.Item>
    </FormDialog>
  );
}
