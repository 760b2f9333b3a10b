/** 项目流程: 第1步 … 第N步, each unfolding to its events, files and requirement (R-69 … R-74). */
import { CheckOutlined, DeleteOutlined, DownOutlined, PaperClipOutlined, RightOutlined } from '@ant-design/icons';
import { Alert, App, Button, Descriptions, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '../../api';
import { download } from '../../api/download';
import { language } from '../../i18n';
import { useSaid } from '../../i18n/said';
import { fieldsOf, valueText } from './demandForm';
import { type CurrentNode, type FlowNode, type NodeFile, nodesOf, type Step, useIsCustomer } from './details';
import { usePrinting } from './usePrinting';
import { useWithdrawal } from './useWithdrawal';

/** Whom the open node waits for; to the customer himself it says so. */
function useWaitsFor(current: CurrentNode | null): string | undefined {
  const { t } = useTranslation('projects');
  const asCustomer = useIsCustomer();
  const isMine = asCustomer && current !== null && current.operations.length > 0;
  return isMine ? t('details.waitsForYou') : current?.waits_for;
}

export function Flow({ steps, current }: { steps: Step[]; current: CurrentNode | null }) {
  return (
    <ol className="flow">
      {steps.map((step) => (
        <FlowStep key={step.node} step={step} current={current} />
      ))}
    </ol>
  );
}

/** ● reached, ○ not yet; what is done is ticked beside it by its colour, see the style of `.flow-open`. */
function markOf(state: Step['state'], isOpen: boolean): string {
  return state === 'not_started' && !isOpen ? '○' : '●';
}

function FlowStep({ step, current }: { step: Step; current: CurrentNode | null }) {
  const { t } = useTranslation('projects');
  const isOpen = current?.step === step.number;
  const waitsFor = useWaitsFor(current);
  const [unfolded, setUnfolded] = useState<boolean>();
  const shown = usePrinting() || (unfolded ?? isOpen);
  const reached = step.state !== 'not_started';
  return (
    <li className={isOpen ? 'flow-step flow-open' : 'flow-step'}>
      <button type="button" className="flow-head" aria-expanded={shown} onClick={() => setUnfolded(!shown)}>
        <span className="flow-mark" aria-hidden="true">
          {markOf(step.state, isOpen)}
        </span>
        <span className="secondary">{t('details.step', { number: step.number })}</span>
        <strong>{step.name}</strong>
        {step.state === 'completed' && <CheckOutlined className="flow-done" aria-label={t('details.done')} />}
        <span className="flow-time">{reached ? step.entered_at : t('details.notStarted')}</span>
        {shown ? <DownOutlined aria-hidden /> : <RightOutlined aria-hidden />}
      </button>
      {shown && (
        <div className="flow-body">
          {step.children ? (
            <ol className="flow">
              {step.children.map((child) => (
                <li key={child.node} className="flow-step">
                  <div className="flow-head">
                    <span className="flow-mark" aria-hidden="true">
                      {markOf(child.state, child.node === current?.node)}
                    </span>
                    <strong>{child.name}</strong>
                    <span className="flow-time">
                      {child.state === 'not_started' ? t('details.notStarted') : child.entered_at}
                    </span>
                  </div>
                  <NodeDetails node={child} waitsFor={child.node === current?.node ? waitsFor : undefined} />
                </li>
              ))}
            </ol>
          ) : (
            nodesOf(step).map((node) => (
              <NodeDetails key={node.node} node={node} waitsFor={isOpen ? waitsFor : undefined} />
            ))
          )}
        </div>
      )}
    </li>
  );
}

function NodeDetails({ node, waitsFor }: { node: FlowNode; waitsFor: string | undefined }) {
  const { t } = useTranslation('projects');
  const said = useSaid();
  return (
    <div className="node">
      {node.sent_back && <Alert type="warning" showIcon title={t('details.sentBack', node.sent_back)} />}
      <ul className="events">
        {node.events.map((event) => (
          <li key={`${event.time} ${event.event} ${event.actor}`}>
            <span className="event-time">{event.time}</span> {said(event.actor)} {said(event.event)}
            {event.remark && <span className="secondary"> {event.remark}</span>}
          </li>
        ))}
        {waitsFor && (
          <li>
            <Tag color="processing">{said(waitsFor)}</Tag>
          </li>
        )}
        {node.timeouts?.map((past) => (
          <li key={past.due_at} className={`mark-${past.side}`}>
            {t('details.past', {
              side: t(past.side === 'server' ? 'overdue.server' : 'overdue.customer'),
              due: past.due_at,
            })}
          </li>
        ))}
      </ul>
      {node.requirement && <Filled node={node} requirement={node.requirement} />}
      {node.files.length > 0 && (
        <div>
          <span className="secondary">{node.view_text ?? t('details.nodeFiles')}</span>
          {node.files.map((file) => (
            <FileButton key={file.file_id} file={file} />
          ))}
        </div>
      )}
    </div>
  );
}

/** The filled form, field by field in the order of the form. */
export function Filled({ node, requirement }: { node: FlowNode; requirement: NonNullable<FlowNode['requirement']> }) {
  const { t } = useTranslation('projects');
  return (
    <Descriptions
      size="small"
      column={1}
      bordered
      className="filled"
      title={node.view_text ?? t('details.requirement')}
      extra={
        <span className="secondary">
          {t('details.requirementBy', { by: requirement.by, time: requirement.submitted_at })}
        </span>
      }
      items={fieldsOf(node.form_fields ?? [], requirement.data).map(({ name, title }) => ({
        key: name,
        label: title,
        children: valueText(requirement.data[name]),
      }))}
    />
  );
}

export function FileButton({ file }: { file: NodeFile }) {
  const { t } = useTranslation('projects');
  const withdraw = useWithdrawal();
  const { message } = App.useApp();
  return (
    <div>
      <Button
        type="link"
        icon={<PaperClipOutlined />}
        className="row-button file-button"
        aria-label={t('files.download', { name: file.name })}
        onClick={() =>
          void download(file.href, file.name).catch((error) => message.error(messageOf(error, language())))
        }
      >
        {file.name} ({file.size_text})
      </Button>
      {file.removable && (
        <Button
          type="text"
          size="small"
          danger
          icon={<DeleteOutlined />}
          aria-label={t('files.removeOf', { name: file.name })}
          onClick={() => withdraw(file)}
        />
      )}
      {!file.released && <span className="secondary"> {t('details.unreleased')}</span>}
    </div>
  );
}
