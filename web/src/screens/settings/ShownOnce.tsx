/**
 * What is shown this once: it cannot be closed by mistake – not by Escape, and 知道了 asks where nothing was copied.
 */
import { CopyOutlined } from '@ant-design/icons';
import { Alert, App, Button, Descriptions } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copied } from '../../app/copy';
import { useUnsaved } from '../../app/unsaved';
import { Dialog } from '../../wrappers/Dialog';

export interface Fact {
  label: string;
  text: string;
  /** Shown in letters that cannot be taken for one another. */
  isCode?: boolean;
}

export interface ShownOnceProps {
  title: string;
  /** What has been done. */
  done: string;
  facts: readonly Fact[];
  /** Copied besides, not shown. */
  more?: readonly Fact[];
  /** That it cannot be seen again. */
  once: string;
  /** What is said when it was copied, and asked when it was not. */
  copied: string;
  uncopied: string;
  onClose: () => void;
}

export function ShownOnce(props: ShownOnceProps) {
  const { t } = useTranslation('settings');
  const { message, modal } = App.useApp();
  const [isCopied, setCopied] = useState(false);
  useUnsaved(!isCopied);
  const copy = async () => {
    const lines = [...props.facts, ...(props.more ?? [])].map(({ label, text }) => `${label}：${text}`);
    if (await copied(lines.join('\n'))) {
      setCopied(true);
      void message.success(props.copied);
    } else {
      void message.warning(t('password.notCopied'));
    }
  };
  const close = () => {
    if (isCopied) {
      props.onClose();
    } else {
      void modal.confirm({
        title: props.uncopied,
        okText: t('password.known'),
        cancelText: t('password.back'),
        onOk: props.onClose,
      });
    }
  };
  return (
    <Dialog
      title={props.title}
      closable={false}
      keyboard={false}
      footer={[
        <Button key="copy" icon={<CopyOutlined />} onClick={() => void copy()}>
          {t('password.copy')}
        </Button>,
        <Button key="known" type="primary" onClick={close}>
          {t('password.known')}
        </Button>,
      ]}
    >
      <Alert type="success" showIcon title={props.done} className="form-refusal" />
      <Descriptions
        column={1}
        bordered
        size="small"
        items={props.facts.map(({ label, text, isCode }) => ({
          key: label,
          label,
          children: isCode ? <code className="shown-once">{text}</code> : text,
        }))}
      />
      <p className="secondary">{props.once}</p>
    </Dialog>
  );
}
