/** 文件管理: all files of the project, and 添加附件 for its operators (R-81 … R-86). */
import { DownloadOutlined, PlusOutlined } from '@ant-design/icons';
import { App, Button, Flex, Modal, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf } from '../../api';
import { download } from '../../api/download';
import { language } from '../../i18n';
import { Failed } from '../../wrappers/states';
import { useList } from '../../wrappers/useList';
import { useIsCustomer } from './details';
import { UploadButton } from './UploadButton';

export function Files({ projectId, canAdd, onClose }: { projectId: string; canAdd: boolean; onClose: () => void }) {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const asCustomer = useIsCustomer();
  const list = useList(['files', projectId, asCustomer], (cursor) => {
    const query = { as_customer: asCustomer, limit: 100, ...(cursor ? { cursor: Number(cursor) } : {}) };
    return answer(
      api.GET('/api/v1/projects/{project_id}/files', { params: { path: { project_id: projectId }, query } }),
    );
  });
  const failed = (error: unknown) => void message.error(messageOf(error, language()));
  return (
    <Modal
      open
      width={960}
      title={t('details.files')}
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
        <Table
          size="small"
          rowKey="file_id"
          dataSource={list.rows}
          loading={list.isLoading}
          pagination={false}
          scroll={{ x: 'max-content' }}
          locale={{ emptyText: t('files.empty') }}
          columns={[
            { title: t('files.name'), dataIndex: 'name' },
            { title: t('files.uploaded'), dataIndex: 'uploaded_at' },
            { title: t('files.size'), dataIndex: 'size_text' },
            { title: t('files.operator'), dataIndex: 'operator' },
            { title: t('files.node'), dataIndex: 'node' },
            {
              title: t('files.operation'),
              render: (_, file) => (
                <Button
                  type="link"
                  icon={<DownloadOutlined />}
                  aria-label={t('files.download', { name: file.name })}
                  onClick={() => void download(file.href, file.name).catch(failed)}
                />
              ),
            },
          ]}
        />
      )}
    </Modal>
  );
}
