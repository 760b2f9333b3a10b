/** A button that lets files be chosen and sends them; below it a line per file with progress, result and what to do. */
import { CheckCircleFilled, CloseOutlined, ReloadOutlined, WarningFilled } from '@ant-design/icons';
import { Button, type ButtonProps, Progress } from 'antd';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Offer, type Upload, type UploadQueue, useUpload } from './useUpload';

export interface UploadButtonProps {
  offer: Offer;
  icon: ReactNode;
  text: string;
  type?: NonNullable<ButtonProps['type']>;
  disabled?: boolean;
}

export function UploadButton({ offer, icon, text, type = 'default', disabled = false }: UploadButtonProps) {
  const { t } = useTranslation('projects');
  const picker = useRef<HTMLInputElement>(null);
  const { uploads, queue } = useUpload();
  const isSending = uploads.some(({ state }) => state === 'running' || state === 'waiting');
  return (
    <>
      <Button type={type} icon={icon} loading={isSending} disabled={disabled} onClick={() => picker.current?.click()}>
        {text}
      </Button>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={text}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          queue.add(offer, files);
        }}
      />
      {uploads.length > 0 && (
        <ul className="uploads" aria-label={t('uploads.title')}>
          {uploads.map((upload) => (
            <UploadLine key={upload.id} upload={upload} queue={queue} />
          ))}
        </ul>
      )}
    </>
  );
}

function UploadLine({ upload, queue }: { upload: Upload; queue: UploadQueue }) {
  const { t } = useTranslation('projects');
  const { id, file, state, percent, reason } = upload;
  return (
    <li className={`upload upload-${state}`}>
      <span className="upload-name">{file.name}</span>
      {state === 'running' ? (
        <Progress percent={percent} size="small" aria-label={t('actions.uploading', { name: file.name })} />
      ) : (
        <span className="upload-state" role={state === 'failed' ? 'alert' : 'status'}>
          {state === 'done' && <CheckCircleFilled aria-hidden />}
          {state === 'failed' && <WarningFilled aria-hidden />} {reason ?? t(`uploads.${state}`)}
        </span>
      )}
      <span className="upload-tools">
        {(state === 'failed' || state === 'stopped') && (
          <Button
            type="text"
            size="small"
            icon={<ReloadOutlined />}
            aria-label={t('uploads.retry', { name: file.name })}
            onClick={() => queue.retry(id)}
          />
        )}
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined />}
          aria-label={t(state === 'running' || state === 'waiting' ? 'uploads.stop' : 'uploads.hide', {
            name: file.name,
          })}
          onClick={() => queue.remove(id)}
        />
      </span>
    </li>
  );
}
