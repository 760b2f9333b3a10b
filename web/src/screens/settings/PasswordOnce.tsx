/**
 * 提示: the account data of a new user or a reset password, shown this once (U-25 … U-27, U-32). It cannot be closed by
 * mistake: not by Escape, and 知道了 asks where nothing was copied.
 */
import { CopyOutlined } from '@ant-design/icons';
import { Alert, App, Button, Descriptions } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copied } from '../../app/copy';
import { useUnsaved } from '../../app/unsaved';
import { Dialog } from '../../wrappers/Dialog';

export interface PasswordOnceProps {
  kind: 'created' | 'reset';
  loginName: string;
  password: string;
  onClose: () => void;
}

export function PasswordOnce({ kind, loginName, password, onClose }: PasswordOnceProps) {
  const { t } = useTranslation('settings');
  const { message, modal } = App.useApp();
  const [isCopied, setCopied] = useState(false);
  useUnsaved(!isCopied);
  const copy = async () => {
    const address = new URL('/login', location.origin).href;
    const text = [
      `${t('password.account')}：${loginName}`,
      `${t('password.password')}：${password}`,
      `${t('password.address')}：${address}`,
    ].join('\n');
    if (await copied(text)) {
      setCopied(true);
      void message.success(t('password.copied'));
    } else {
      void message.warning(t('password.notCopied'));
    }
  };
  const close = () => {
    if (isCopied) {
      onClose();
    } else {
      void modal.confirm({
        title: t('password.uncopied'),
        okText: t('password.known'),
        cancelText: t('password.back'),
        onOk: onClose,
      });
    }
  };
  return (
    <Dialog
      title={t('password.title')}
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
      <Alert type="success" showIcon title={t(`password.${kind}`)} className="form-refusal" />
      <Descriptions
        column={1}
        bordered
        size="small"
        items={[
          { key: 'account', label: t('password.account'), children: loginName },
          { key: 'password', label: t('password.password'), children: <code>{password}</code> },
        ]}
      />
      <p className="secondary">{t('password.once')}</p>
    </Dialog>
  );
}
