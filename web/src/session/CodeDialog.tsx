/** 验证码: before a device that came by a link decides, it shows a code that is sent to whom the order names. */
import { Alert, Button, Flex, Input } from 'antd';
import { useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { answerCode, isCodeWanted, onCodeWanted } from '../api/guest';
import { useAttempt } from '../app/attempt';
import { Dialog } from '../wrappers/Dialog';
import { sendCode, showCode } from './guest';
import { isCode } from './secondFactor';

export function CodeDialog() {
  return useSyncExternalStore(onCodeWanted, isCodeWanted) && <Asking />;
}

function Asking() {
  const { t } = useTranslation('session');
  const id = useId();
  const [typed, setTyped] = useState('');
  const { attempt, pending, refusal } = useAttempt();
  const [isSent, setSent] = useState(false);
  const asked = useRef(false);
  const send = () =>
    attempt(async () => {
      setSent(false);
      await sendCode();
      setSent(true);
    });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens
  useEffect(() => {
    if (!asked.current) {
      asked.current = true;
      void send();
    }
  }, []);
  const submit = () => void attempt(() => showCode(typed));
  return (
    <Dialog
      title={t('guest.code')}
      width={420}
      zIndex={2000}
      onCancel={() => answerCode(false)}
      onOk={submit}
      okText={t('guest.confirm')}
      cancelText={t('cancel', { ns: 'app' })}
      okButtonProps={{ disabled: !isCode(typed), loading: pending }}
    >
      {refusal && <Alert type="error" showIcon role="alert" className="form-refusal" title={refusal} />}
      <p role="status">{isSent ? t('guest.sent') : t('guest.sending')}</p>
      <label htmlFor={id}>{t('guest.code')}</label>
      <Flex gap="small">
        <Input
          id={id}
          value={typed}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          placeholder={t('guest.codePlaceholder')}
          onChange={(event) => setTyped(event.target.value)}
          onPressEnter={() => isCode(typed) && submit()}
        />
        <Button disabled={pending} onClick={() => void send()}>
          {t('guest.again')}
        </Button>
      </Flex>
      <p className="secondary">{t('guest.codeHint')}</p>
    </Dialog>
  );
}
