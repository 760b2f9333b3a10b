/** A button that lets files be chosen and sends them; below it a line per file with progress, result and what to do. */
import { CheckCircleFilled, CloseOutlined, ReloadOutlined, WarningFilled } from '@ant-design/icons';
import { Button, type ButtonProps, Popover, Progress } from 'antd';
import { Fragment, type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { acceptOf, type FileRules, faultOf, groupsOf, megabytes, useFileRules } from './fileRules';
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
  const rules = useFileRules();
  const refusal = (file: File) => {
    const fault = faultOf(rules, file);
    return fault && t(`uploads.faults.${fault.why}`, fault);
  };
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
        accept={acceptOf(rules)}
        aria-label={text}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          queue.add(offer, files, refusal);
        }}
      />
      {rules && <Accepted rules={rules} />}
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

const GROUPS = ['image', 'design', 'document', 'archive', 'web', 'audio', 'video', 'other'] as const;

/** What is taken: the limit and the kinds of files, and behind them every extension. */
function Accepted({ rules }: { rules: FileRules }) {
  const { t } = useTranslation('projects');
  const groups = groupsOf(rules);
  const nameOf = (group: string) => t(`uploads.groups.${GROUPS.find((one) => one === group) ?? 'other'}`);
  return (
    <p className="secondary upload-hint">
      {t('uploads.limit', { limit: megabytes(rules.limit) })}{' '}
      <Popover
        trigger="click"
        content={
          <dl className="facts upload-types">
            {groups.map(([group, extensions]) => (
              <Fragment key={group}>
                <dt>{nameOf(group)}</dt>
                <dd>{extensions.join('、')}</dd>
              </Fragment>
            ))}
          </dl>
        }
      >
        <Button type="link" size="small" className="row-button">
          {groups.map(([group]) => nameOf(group)).join('、')}
        </Button>
      </Popover>
    </p>
  );
}

function UploadLine({ upload, queue }: { upload: Upload; queue: UploadQueue }) {
  const { t } = useTranslation('projects');
  const { id, file, state, percent, reason } = upload;
  const isRefused = state === 'failed' || state === 'refused';
  return (
    <li className={`upload upload-${isRefused ? 'failed' : state}`}>
      <span className="upload-name">{file.name}</span>
      {state === 'running' ? (
        <Progress percent={percent} size="small" aria-label={t('actions.uploading', { name: file.name })} />
      ) : (
        <span className="upload-state" role={isRefused ? 'alert' : 'status'}>
          {state === 'done' && <CheckCircleFilled aria-hidden />}
          {isRefused && <WarningFilled aria-hidden />} {reason ?? t(`uploads.${state}`)}
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
