/** Why something is refused: said in passing or, where it lists what is in the way, until it was read, with links. */
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiError, messageOf } from '../api';
import { useEntrance } from '../app/entrance';
import { language } from '../i18n';

export function useRefused() {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const entrance = useEntrance();
  return (error: unknown) => {
    const text = messageOf(error, language());
    const blocking = error instanceof ApiError ? error.blocking : undefined;
    if (!blocking || blocking.items.length === 0) {
      void message.error(text);
      return;
    }
    const rest = blocking.total - blocking.items.length;
    modal.warning({
      title: t('refused.title'),
      content: (
        <>
          <p>{beforeTheList(text)}</p>
          <ul className="blocking">
            {blocking.items.map(({ kind, id, name }) => (
              <li key={id}>{kind === 'project' ? <a href={`/${entrance}/projects/${id}`}>{name}</a> : name}</li>
            ))}
          </ul>
          {rest > 0 && <p className="secondary">{t('refused.more', { count: rest })}</p>}
        </>
      ),
      okText: t('refused.read'),
    });
  };
}

/** The sentence of a refusal, to which the server adds the list for whoever reads nothing but the text. */
export function beforeTheList(text: string): string {
  return text.split(/：|: /, 1)[0] ?? text;
}
