/** Login name and password. Plain HTML: whoever signs in first should not wait for the components of the whole console. */
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '../api/problem';
import { language } from '../i18n';
import { signIn } from './session';

export interface SignInFormProps {
  /** Whose session it was: then only his password is asked for. */
  loginName?: string;
  onSignedIn?: () => void;
}

export function SignInForm({ loginName, onSignedIn }: SignInFormProps) {
  const { t } = useTranslation('session');
  const id = useId();
  const [refusal, setRefusal] = useState<string>();
  const [missing, setMissing] = useState<'name' | 'password'>();
  const [isShown, setShown] = useState(false);
  const [pending, setPending] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const name = loginName ?? String(given.get('name')).trim();
    const password = String(given.get('password'));
    setRefusal(undefined);
    setMissing(name === '' ? 'name' : password === '' ? 'password' : undefined);
    if (name === '' || password === '') {
      event.currentTarget.querySelector<HTMLElement>(name === '' ? '[name=name]' : '[name=password]')?.focus();
      return;
    }
    setPending(true);
    try {
      await signIn(name, password);
      onSignedIn?.();
    } catch (error) {
      setRefusal(messageOf(error, language()));
      setPending(false);
    }
  };
  return (
    <form className="sign-in" noValidate onSubmit={(event) => void submit(event)}>
      {refusal && (
        <p className="plain-alert plain-error" role="alert">
          {refusal}
        </p>
      )}
      <label htmlFor={`${id}name`}>{t('login.name')}</label>
      <input
        id={`${id}name`}
        className="plain-input"
        name="name"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={200}
        placeholder={t('login.namePlaceholder')}
        aria-invalid={missing === 'name'}
        {...(loginName === undefined ? {} : { value: loginName, readOnly: true })}
      />
      {missing === 'name' && <p className="plain-missing">{t('login.namePlaceholder')}</p>}
      <label htmlFor={`${id}password`}>{t('login.password')}</label>
      <span className="plain-password">
        <input
          id={`${id}password`}
          className="plain-input"
          name="password"
          type={isShown ? 'text' : 'password'}
          autoComplete="current-password"
          maxLength={200}
          placeholder={t('login.passwordPlaceholder')}
          aria-invalid={missing === 'password'}
        />
        <button type="button" className="plain-button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          {t(isShown ? 'login.hide' : 'login.show')}
        </button>
      </span>
      {missing === 'password' && <p className="plain-missing">{t('login.passwordPlaceholder')}</p>}
      <button type="submit" className="plain-button plain-primary" disabled={pending} aria-busy={pending}>
        {t('login.submit')}
      </button>
    </form>
  );
}
