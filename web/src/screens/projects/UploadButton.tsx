/** A button that lets files be chosen and sends them, and what it shows while they go: name, progress, 取消上传. */
import { Button, type ButtonProps, Progress } from 'antd';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useUpload } from './useUpload';

export interface UploadButtonProps {
  offer: { method: string; href: string };
  icon: ReactNode;
  text: string;
  type?: NonNullable<ButtonProps['type']>;
  disabled?: boolean;
}

export function UploadButton({ offer, icon, text, type = 'default', disabled = false }: UploadButtonProps) {
  const { t } = useTranslation('projects');
  const picker = useRef<HTMLInputElement>(null);
  const { uploading, send, abort } = useUpload();
  return (
    <>
      <Button
        type={type}
        icon={icon}
        loading={uploading !== undefined}
        disabled={disabled}
        onClick={() => picker.current?.click()}
      >
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
          if (files.length > 0) {
            void send(offer, files);
          }
        }}
      />
      {uploading && (
        <div className="uploading" role="status">
          <span className="uploading-name">
            {t('actions.uploading', { name: uploading.name })}
            {uploading.waiting > 0 && ` ${t('actions.uploadsWaiting', { count: uploading.waiting })}`}
          </span>
          <Progress percent={uploading.percent} size="small" aria-label={uploading.name} />
          <Button size="small" onClick={abort}>
            {t('actions.stopUpload')}
          </Button>
        </div>
      )}
    </>
  );
}
