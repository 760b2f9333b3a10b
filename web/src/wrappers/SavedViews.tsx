/** The menu of saved views beside a list: choose one, save the present filters, share, delete. */
import { DeleteOutlined, StarOutlined } from '@ant-design/icons';
import { App, Button, Checkbox, Divider, Empty, Flex, Form, Input, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '../api';
import { language } from '../i18n';
import { useSavedViews } from './useSavedViews';

export interface SavedViewsProps {
  /** Code of the list. */
  page: string;
  filters: Record<string, unknown>;
  onChoose: (filters: Record<string, unknown>) => void;
}

export function SavedViews({ page, filters, onChoose }: SavedViewsProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { views, save, remove } = useSavedViews(page);
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<{ name: string; shared: boolean }>();
  const failed = (error: unknown) => void message.error(messageOf(error, language()));
  const content = (
    <div className="saved-views">
      {views.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('views.none')} />}
      <ul>
        {views.map((view) => (
          <li key={view.view_id}>
            <Button
              type="text"
              onClick={() => {
                onChoose(view.filters);
                setOpen(false);
              }}
            >
              {view.name}
              {!view.own && <span className="secondary">{t('views.sharedBy', { name: view.owner_name })}</span>}
            </Button>
            {view.own && (
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t('views.remove', { name: view.name })}
                onClick={() => remove.mutate(view.view_id, { onError: failed })}
              />
            )}
          </li>
        ))}
      </ul>
      <Divider size="small" />
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ shared: false }}
        onFinish={({ name, shared }) =>
          save.mutate(
            { name: name.trim(), shared, filters },
            {
              onSuccess: () => {
                form.resetFields();
                void message.success(t('views.saved'));
              },
              onError: failed,
            },
          )
        }
      >
        <Form.Item
          name="name"
          label={t('views.save')}
          rules={[{ required: true, whitespace: true, message: t('form.required') }]}
        >
          <Input placeholder={t('views.name')} maxLength={50} />
        </Form.Item>
        <Flex justify="space-between" align="center">
          <Form.Item name="shared" valuePropName="checked" noStyle>
            <Checkbox>{t('views.shared')}</Checkbox>
          </Form.Item>
          <Button htmlType="submit" loading={save.isPending}>
            {t('confirm')}
          </Button>
        </Flex>
      </Form>
    </div>
  );
  return (
    <Popover content={content} trigger="click" placement="bottomRight" open={open} onOpenChange={setOpen}>
      <Button icon={<StarOutlined />} aria-expanded={open}>
        {t('views.title')}
      </Button>
    </Popover>
  );
}
