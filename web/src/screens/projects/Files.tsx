/** 文件管理: all files of the project, and 添加附件 for its operators (R-81 … R-86). */
import { DeleteOutlined, DownloadOutlined, PlusOutlined } from '@ant-design/icons';
import { App, Button, Flex } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf } from '../../api';
import { download } from '../../api/download';
import { language } from '../../i18n';
import { DataTable } from '../../wrappers/DataTable';
import { Dialog } from '../../wrappers/Dialog';
import { Failed } from '../../wrappers/states';
import { useInnerList } from '../../wrappers/useList';
import { useIsCustomer } from './details';
import { UploadButton } from './UploadButton';
import { useWithdrawal } from './useWithdrawal';

export interface FilesProps {
  projectId: string;
  subject: string;
  canAdd: boolean;
  onClose: () => void;
}

export function Files({ projectId, subject, canAdd, onClose }: FilesProps) {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const asCustomer = useIsCustomer();
  const withdraw = useWithdrawal();
  const list = useInnerList(
    ['files', projectId, asCustomer],
    (page) => {
      const query = { as_customer: asCustomer, ...page };
      return answer(
        api.GET('/api/v1/projects/{project_id}/files', { params: { path: { project_id: projectId }, query } }),
      );
    },
    100,
  );
  const failed = (error: unknown) => void message.error(messageOf(error, language()));
  return (
    <Dialog
      width={960}
      title={t('details.files')}
      subject={subject}
      onCancel={onClose}
      footer={<Button onClick={onClose}>{t('close', { ns: 'app' })}</Button>}
    >
      {canAdd && (
        <Flex gap="small" wrap className="form-refusal">
          <UploadButton
            offer={{ method: 'POST', href: `/api/v1/projects/${projectId}/files` }}
            icon={<PlusOutlined />}
            text={t('files.add')}
          />
        </Flex>
      )}
      {list.error ? (
        <Failed error={list.error} retry={list.reload} />
      ) : (
        <DataTable
          size="small"
          rowKey="file_id"
          rows={list.rows}
          isLoading={list.isLoading}
          empty={<span className="secondary">{t('files.empty')}</span>}
          columns={[
            { key: 'name', title: t('files.name'), width: 240, render: (file) => file.name },
            { key: 'uploaded', title: t('files.uploaded'), width: 150, render: (file) => file.uploaded_at },
            { key: 'size', title: t('files.size'), width: 80, render: (file) => file.size_text },
            { key: 'operator', title: t('files.operator'), width: 120, render: (file) => file.operator },
            { key: 'node', title: t('files.node'), render: (file) => file.node },
            {
              key: 'operation',
              title: t('files.operation'),
              width: 96,
              fixed: true,
              lines: 0,
              render: (file) => (
                <span className="row-operations">
                  <Button
                    type="link"
                    icon={<DownloadOutlined />}
                    aria-label={t('files.download', { name: file.name })}
                    onClick={() => void download(file.href, file.name).catch(failed)}
                  />
                  {file.removable && (
                    <Button
                      type="text"
                      danger
                      icon={<DeleteOutlined />}
                      aria-label={t('files.removeOf', { name: file.name })}
                      onClick={() => withdraw(file)}
                    />
                  )}
                </span>
              ),
            },
          ]}
        />
      )}
    </Dialog>
  );
}
