/** 流程日志: newest first, with the records of earlier runs behind 查看变更前操作记录 (R-99 … R-112). */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Flex } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { DataTable } from '../../wrappers/DataTable';
import { Dialog } from '../../wrappers/Dialog';
import { Failed } from '../../wrappers/states';
import { useIsCustomer } from './details';

export function FlowLog({ projectId, subject, onClose }: { projectId: string; subject: string; onClose: () => void }) {
  const { t } = useTranslation('projects');
  const asCustomer = useIsCustomer();
  const [run, setRun] = useState<number>();
  const pages = useInfiniteQuery({
    queryKey: ['log', projectId, asCustomer, run],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const query = {
        as_customer: asCustomer,
        limit: 50,
        ...(run === undefined ? {} : { run }),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return answer(
        api.GET('/api/v1/projects/{project_id}/log', { params: { path: { project_id: projectId }, query } }),
      );
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = (pages.data?.pages ?? []).flatMap((page) => page.items).map((row, index) => ({ ...row, index }));
  return (
    <Dialog
      width={960}
      title={run === undefined ? t('details.log') : t('log.earlierTitle', { run })}
      subject={subject}
      onCancel={onClose}
      footer={<Button onClick={onClose}>{t('close', { ns: 'app' })}</Button>}
    >
      {run !== undefined && (
        <Button type="link" className="row-button" onClick={() => setRun(undefined)}>
          {t('log.back')}
        </Button>
      )}
      {pages.error ? (
        <Failed error={pages.error} retry={() => void pages.refetch()} />
      ) : (
        <DataTable
          size="small"
          rowKey={({ index }) => String(index)}
          rows={rows}
          isLoading={pages.isLoading}
          columns={[
            { key: 'node', title: t('log.node'), render: (row) => row.node },
            {
              key: 'event',
              title: t('log.event'),
              width: 170,
              render: (row) => (
                <>
                  {row.event}
                  {row.earlier_run !== null && (
                    <Button type="link" size="small" onClick={() => setRun(row.earlier_run ?? undefined)}>
                      {t('log.earlier')}
                    </Button>
                  )}
                </>
              ),
            },
            { key: 'actor', title: t('log.actor'), width: 150, render: (row) => row.actor },
            { key: 'remark', title: t('log.remark'), width: 260, lines: 3, render: (row) => row.remark },
            { key: 'time', title: t('log.time'), width: 150, fixed: true, render: (row) => row.time },
          ]}
        />
      )}
      {pages.hasNextPage && (
        <Flex justify="center">
          <Button onClick={() => void pages.fetchNextPage()}>{t('log.more')}</Button>
        </Flex>
      )}
    </Dialog>
  );
}
