/** One upload at a time, with its progress; several files go one after the other. */
import { App } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '../../api';
import { queries } from '../../api/queries';
import { upload } from '../../api/upload';
import { language } from '../../i18n';

export interface Uploading {
  name: string;
  /** 0 to 100. */
  percent: number;
  /** How many follow. */
  waiting: number;
}

export function useUpload() {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const [uploading, setUploading] = useState<Uploading>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []); // leaving the page stops what is under way

  const send = async (offer: { method: string; href: string }, files: readonly File[]) => {
    const controller = new AbortController();
    stop.current = controller;
    try {
      for (const [index, file] of files.entries()) {
        const begun = { name: file.name, percent: 0, waiting: files.length - index - 1 };
        setUploading(begun);
        await upload(offer, file, {
          signal: controller.signal,
          progress: (sent, total) =>
            setUploading({ ...begun, percent: total > 0 ? Math.floor((sent / total) * 100) : 0 }),
        });
        void message.success(t('actions.uploaded', { name: file.name }));
        await queries.invalidateQueries();
      }
    } catch (error) {
      if (controller.signal.aborted) {
        void message.info(t('actions.uploadStopped'));
      } else {
        void message.error(messageOf(error, language()));
      }
    } finally {
      setUploading(undefined);
    }
  };
  return { uploading, send, abort: () => stop.current?.abort() };
}
