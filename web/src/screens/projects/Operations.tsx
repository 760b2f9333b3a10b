/** What the caller can do at the open node, as the API offers it (R-113 … R-127). */
import { UploadOutlined } from '@ant-design/icons';
import { App, Button, Flex, Form, Input } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf, type Schema } from '../../api';
import { carryOut } from '../../api/offered';
import { outcomeOf } from '../../api/outcome';
import { queries } from '../../api/queries';
import { language } from '../../i18n';
import { FormDialog } from '../../wrappers/FormDialog';
import type { Details, Operation } from './details';
import { prose } from './prose';

export function Operations({ details }: { details: Details }) {
  const { t } = useTranslation('projects');
  const { modal, message } = App.useApp();
  const picker = useRef<HTMLInputElement>(null);
  const [pending, setPending] = useState<string>();
  const [rejecting, setRejecting] = useState<Operation>();
  const current = details.current;
  if (current === null || current.operations.length === 0) {
    return null;
  }
  const offers = current.operations;
  const files = details.steps
    .flatMap((step) => ('children' in step ? step.children : [step]))
    .find((node) => node.node === current.node)?.files;
  const run = async (name: string, command: () => Promise<unknown>, done = t('actions.done')) => {
    setPending(name);
    try {
      await command();
      void message.success(done);
    } catch (error) {
      void message.error(messageOf(error, language()));
    } finally {
      await queries.invalidateQueries();
      setPending(undefined);
    }
  };
  const claim = async (offer: Operation) => {
    const asked = await carryOut<Schema<'ProjectAsked'>>(offer);
    await outcomeOf(details.project_id, asked.request_id);
  };
  const upload = (offer: Operation, file: File) => {
    const body = new FormData();
    body.set('file', file);
    return run('upload', () => carryOut(offer, body), t('actions.uploaded', { name: file.name }));
  };
  const begin = (offer: Operation) => {
    switch (offer.operation) {
      case 'claim':
        return void run('claim', () => claim(offer));
      case 'upload':
        return picker.current?.click();
      case 'rejection':
        return setRejecting(offer);
      case 'requirement':
        return void message.warning(t('actions.formMissing'));
      case 'confirmation': {
        const lacksFile = offers.some((one) => one.operation === 'upload') && files?.length === 0;
        return void modal.confirm({
          title: lacksFile ? t('actions.noFile') : t('actions.confirmAsk', { text: offer.text }),
          okText: offer.text,
          onOk: () => run('confirmation', () => carryOut(offer)),
        });
      }
    }
  };
  const uploading = offers.find((one) => one.operation === 'upload');
  return (
    <>
      <Flex gap="small" wrap>
        {offers.map((offer) => (
          <Button
            key={offer.operation}
            type={offer.operation === 'confirmation' || offer.operation === 'claim' ? 'primary' : 'default'}
            danger={offer.operation === 'rejection'}
            icon={offer.operation === 'upload' ? <UploadOutlined /> : undefined}
            loading={pending === offer.operation}
            disabled={pending !== undefined}
            onClick={() => begin(offer)}
          >
            {offer.text}
          </Button>
        ))}
      </Flex>
      {uploading && (
        <input
          ref={picker}
          type="file"
          hidden
          aria-label={uploading.text}
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file) {
              void upload(uploading, file);
            }
          }}
        />
      )}
      {rejecting && (
        <FormDialog<{ reason: string }>
          title={rejecting.text}
          okText={rejecting.text}
          danger
          onClose={() => setRejecting(undefined)}
          onSubmit={async ({ reason }) => {
            await carryOut(rejecting, { reason: reason.trim() });
            await queries.invalidateQueries();
            void message.success(t('actions.done'));
          }}
        >
          <Form.Item name="reason" label={t('actions.reason')} rules={[prose(t('form.required', { ns: 'app' }))]}>
            <Input.TextArea rows={4} maxLength={500} showCount placeholder={t('actions.reasonPlaceholder')} />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}
