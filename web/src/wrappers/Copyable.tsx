/** A number or name that people take elsewhere, with a button that copies it. */
import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copied } from '../app/copy';

const SHOWN_MS = 2_000;

export function Copyable({ text }: { text: string }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    if (await copied(text)) {
      setDone(true);
      setTimeout(() => setDone(false), SHOWN_MS);
    } else {
      void message.warning(t('copy.failed'));
    }
  };
  return (
    <span className="copyable">
      {text}{' '}
      <Button
        type="text"
        size="small"
        icon={isDone ? <CheckOutlined /> : <CopyOutlined />}
        aria-label={t(isDone ? 'copy.done' : 'copy.of', { text })}
        onClick={() => void copy()}
      />
    </span>
  );
}
