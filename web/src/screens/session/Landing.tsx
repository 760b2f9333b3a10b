/** Where a link leads: says what it opens, and opens it on a click – so that whoever only looks spoils nothing. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { messageOf } from '../../api/problem';
import { useTitle } from '../../app/title';
import { language } from '../../i18n';
import { enter, type Look, look, renew, tokenOf } from '../../session/guest';
import { Entry } from './Entry';

export function Landing() {
  const { t } = useTranslation('session');
  const navigate = useNavigate();
  const [token] = useState(() => tokenOf(location.hash));
  const [found, setFound] = useState<Look>();
  const [refusal, setRefusal] = useState<string>();
  const [pending, setPending] = useState(false);
  const [isAsked, setAsked] = useState(false);
  useTitle(found?.product_name ?? t('guest.title'));
  const attempt = async (run: () => Promise<void>) => {
    setPending(true);
    setRefusal(undefined);
    try {
      await run();
    } catch (error) {
      setRefusal(messageOf(error, language()));
      setFound(await look(token).catch(() => undefined));
    } finally {
      setPending(false);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens
  useEffect(() => void attempt(async () => setFound(await look(token || '-'))), []);
  const open = () => attempt(async () => void navigate(await enter(token), { replace: true }));
  const ask = () =>
    attempt(async () => {
      await renew(token || '-');
      setAsked(true);
    });
  return (
    <Entry>
      {refusal && (
        <p className="plain-alert plain-error" role="alert">
          {refusal}
        </p>
      )}
      {found === undefined && <p aria-busy={pending}>{pending ? t('guest.looking') : ''}</p>}
      {found?.open && (
        <>
          <h1>{found.product_name}</h1>
          {found.vendor_name && <p>{t('guest.from', { vendor: found.vendor_name })}</p>}
          <p>{t('guest.waits')}</p>
          <button
            type="button"
            className="plain-button plain-primary"
            disabled={pending}
            aria-busy={pending}
            onClick={() => void open()}
          >
            {t('guest.open')}
          </button>
        </>
      )}
      {found && !found.open && (
        <>
          <h1>{t('guest.closed')}</h1>
          <p>{t('guest.closedHint')}</p>
          {isAsked ? (
            <p className="plain-alert" role="status">
              {t('guest.asked')}
            </p>
          ) : (
            <button
              type="button"
              className="plain-button plain-primary"
              disabled={pending}
              aria-busy={pending}
              onClick={() => void ask()}
            >
              {t('guest.ask')}
            </button>
          )}
        </>
      )}
      <p className="secondary entry-help">{t('guest.help')}</p>
    </Entry>
  );
}
