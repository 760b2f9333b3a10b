/** 批量分单: the rows chosen are tried one after the other, and each tells what came of it. */
import { CheckCircleFilled, ClockCircleOutlined, LoadingOutlined, WarningFilled } from '@ant-design/icons';
import { Button, Progress } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { queries } from '../../api/queries';
import { language } from '../../i18n';
import { DataTable } from '../../wrappers/DataTable';
import { Dialog } from '../../wrappers/Dialog';
import { dispatch, dispatchAll, type Result, type Waiting } from './dispatching';

export function DispatchResults({ rows, onClose }: { rows: readonly Waiting[]; onClose: () => void }) {
  const { t } = useTranslation('work');
  const { t: words } = useTranslation();
  const [results, setResults] = useState<ReadonlyMap<string, Result>>(new Map());
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) {
      return;
    }
    begun.current = true;
    void dispatchAll(
      rows,
      (row) => dispatch(row.request_id, language()),
      (row, result) => setResults((before) => new Map(before).set(row.request_id, result)),
    ).then(() => queries.invalidateQueries());
  }, [rows]);
  const isDone = results.size === rows.length;
  return (
    <Dialog
      title={t('queue.resultTitle')}
      width={720}
      onCancel={onClose}
      footer={
        <Button type="primary" disabled={!isDone} onClick={onClose}>
          {words('close')}
        </Button>
      }
    >
      <Progress
        percent={Math.round((results.size / rows.length) * 100)}
        showInfo={false}
        aria-label={t('queue.resultTitle')}
      />
      <p role="status">{t('queue.resultProgress', { done: results.size, count: rows.length })}</p>
      <DataTable<Waiting>
        size="small"
        rowKey="request_id"
        rows={rows}
        height={360}
        columns={[
          { key: 'order', title: t('queue.order'), render: (row) => row.order_number },
          { key: 'product', title: t('queue.product'), width: 200, render: (row) => row.product_name ?? '--' },
          {
            key: 'result',
            width: 240,
            title: t('queue.result'),
            render: (row) => <ResultText result={results.get(row.request_id)} />,
          },
        ]}
      />
    </Dialog>
  );
}

function ResultText({ result }: { result: Result | undefined }) {
  const { t } = useTranslation('work');
  switch (result?.outcome) {
    case undefined:
      return (
        <span className="secondary">
          <LoadingOutlined aria-hidden /> {t('queue.resultTrying')}
        </span>
      );
    case 'assigned':
      return (
        <span className="dot-good">
          <CheckCircleFilled aria-hidden /> {t('queue.resultAssigned')}
        </span>
      );
    case 'pending':
      return (
        <span>
          <ClockCircleOutlined aria-hidden /> {t('queue.resultPending')}
        </span>
      );
    case 'waiting':
      return (
        <span className="dot-warning">
          <WarningFilled aria-hidden /> {result.reason}
        </span>
      );
  }
}
