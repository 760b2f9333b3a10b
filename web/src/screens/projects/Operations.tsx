/** What the caller can do at the open node, as the API offers it (R-113 … R-127). */
import { UploadOutlined } from '@ant-design/icons';
import { App, Button, Flex, Tooltip } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf, type Schema } from '../../api';
import { carryOut } from '../../api/offered';
import { outcomeOf } from '../../api/outcome';
import { queries } from '../../api/queries';
import { language } from '../../i18n';
import { lazily } from '../../wrappers/lazily';
import { type Details, nextOf, nodesOf, type Operation, subjectOf } from './details';
import { UploadButton } from './UploadButton';

const RequirementForm = lazily(() => import('./RequirementForm'));
const Rejection = lazily(async () => ({ default: (await import('./dialogs')).Rejection }));

export function Operations({ details }: { details: Details }) {
  const { t } = useTranslation('projects');
  const { modal, message } = App.useApp();
  const [pending, setPending] = useState<string>();
  const [open, setOpen] = useState<Operation>();
  const current = details.current;
  const node = details.steps.flatMap(nodesOf).find((one) => one.node === current?.node);
  const schema = node?.form_schema;
  if (current === null || current.operations.length === 0) {
    return null;
  }
  const offers = current.operations;
  const close = () => setOpen(undefined);
  const run = async (offer: Operation, command: () => Promise<unknown>) => {
    setPending(offer.operation);
    try {
      await command();
      void message.success(t('actions.did', { text: offer.text, node: current.name }));
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
  const confirm = (offer: Operation) => {
    const lacksFile = offers.some((one) => one.operation === 'upload') && node?.files.length === 0;
    const next = nextOf(details);
    const what = { text: offer.text, node: current.name };
    void modal.confirm({
      title: next ? t('actions.confirmAsk', what) : t('actions.confirmLast', what),
      content: (
        <>
          {lacksFile && <p>{t('actions.noFile')}</p>}
          <p>{next ? t('actions.confirmNext', { next }) : t('actions.confirmEnds')}</p>
        </>
      ),
      okText: offer.text,
      cancelText: t('cancel', { ns: 'app' }),
      okButtonProps: { danger: !next },
      onOk: () => run(offer, () => carryOut(offer)),
    });
  };
  const begin = (offer: Operation) => {
    if (offer.operation === 'claim') {
      return void run(offer, () => claim(offer));
    }
    if (offer.operation === 'confirmation') {
      return confirm(offer);
    }
    if (offer.operation === 'requirement' && !schema) {
      return void message.warning(t('actions.formMissing'));
    }
    return setOpen(offer);
  };
  const lacksForm = (offer: Operation) =>
    offer.operation === 'confirmation' && Boolean(node?.form) && !node?.requirement;
  const primary = (offer: Operation) =>
    offer.operation === 'claim' ||
    offer.operation === (node?.form && !node.requirement ? 'requirement' : 'confirmation');
  return (
    <div className="operations">
      <Flex gap="small" wrap>
        {offers.map((offer) =>
          offer.operation === 'upload' ? (
            <UploadButton
              key={offer.operation}
              offer={offer}
              icon={<UploadOutlined />}
              text={offer.text}
              disabled={pending !== undefined}
            />
          ) : (
            <Tooltip key={offer.operation} title={lacksForm(offer) ? t('actions.formFirst') : undefined}>
              <Button
                type={primary(offer) ? 'primary' : 'default'}
                danger={offer.operation === 'rejection'}
                loading={pending === offer.operation}
                disabled={pending !== undefined || lacksForm(offer)}
                onClick={() => begin(offer)}
              >
                {offer.text}
              </Button>
            </Tooltip>
          ),
        )}
      </Flex>
      <Suspense>
        {open?.operation === 'requirement' && schema && (
          <RequirementForm
            title={open.text}
            subject={subjectOf(details)}
            draft={['requirement', details.project_id, String(current.visit)]}
            schema={schema}
            initial={node?.requirement?.data ?? {}}
            onClose={close}
            onSubmit={async (data) => {
              await carryOut(open, data);
              await queries.invalidateQueries();
              void message.success(t('requirement.kept', { text: confirmText(offers) }));
            }}
          />
        )}
        {open?.operation === 'rejection' && (
          <Rejection
            title={open.text}
            subject={`${subjectOf(details)} · ${current.name}`}
            draft={['rejection', details.project_id, String(current.visit)]}
            onClose={close}
            onSubmit={async (reason) => {
              await carryOut(open, { reason });
              await queries.invalidateQueries();
              void message.success(t('actions.did', { text: open.text, node: current.name }));
            }}
          />
        )}
      </Suspense>
    </div>
  );
}

/** The text of the button that hands in what was filled. */
function confirmText(offers: readonly Operation[]): string {
  return offers.find((one) => one.operation === 'confirmation')?.text ?? '';
}
