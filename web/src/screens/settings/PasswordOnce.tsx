/** 提示: the account data of a new user or a reset password, shown this once (U-25 … U-27, U-32). */
import { CopyOutlined } from '@ant-design/icons';
import { Alert, App, Button, Descriptions, Modal } from 'antd';
import { useTranslation } from 'react-i18next';

export interface PasswordOnceProps {
  kind: 'created' | 'reset';
  loginName: string;
  password: string;
  onClose: () => void;
}

export function PasswordOnce({ kind, loginName, password, onClose }: PasswordOnceProps) {
  const { t } = useTranslation('settings');
  const { message } = App.useApp();
  const copy = async () => {
    await navigator.clipboard.writeText(
      `${t('password.account')}：${loginName}\n${t('password.password')}：${password}`,
    );
    void message.success(t('password.copied'));
  };
  return (
    <Modal
      open
      title={t('password.title')}
      onCancel={onClose}
      mask={{ closable: false }}
      footer={[
        <Button key="copy" icon={<CopyOutlined />} onClick={() => void copy()}>
          {t('password.copy')}
        </Button>,
        <Button key="known" type="primary" onClick={onClose}>
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
    </Modal>
  );
}
