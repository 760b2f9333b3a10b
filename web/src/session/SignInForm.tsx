/**
 * Login name and password, and then, where the account has or needs a second factor, its code. Plain HTML: whoever signs
 * in first should not wait for the components of the whole console.
 */
import { type FormEvent, lazy, Suspense, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAttempt } from '../app/attempt';
import { loaded } from '../app/chunks';
import { askedFor, begin, codeOf, isCode, type Secret } from './secondFactor';
import { signIn } from './session';

/** Few people see it, once. */
const FactorSecret = lazy(() => loaded(async () => ({ default: (await import('./FactorSecret')).FactorSecret })));

export interface SignInFormProps {
  /** Whose session it was: then only his password is asked for. */
  loginName?: string;
  onSignedIn?: () => void;
}

interface Given {
  name: string;
  password: string;
}

/** What is asked for after the password. `secret`: a second factor is set up first. */
interface Asked extends Given {
  secret?: Secret;
}

export function SignInForm({ loginName, onSignedIn }: SignInFormProps) {
  const { t } = useTranslation('session');
  const [given, setGiven] = useState<Given>({ name: loginName ?? '', password: '' });
  const [asked, setAsked] = useState<Asked>();
  const { attempt, pending, refusal, setRefusal } = useAttempt();
  const enter = (typed: Given) =>
    attempt(async () => {
      setGiven({ ...typed, password: '' });
      try {
        await signIn(typed.name, typed.password);
        onSignedIn?.();
      } catch (error) {
        const wanted = askedFor(error);
        if (wanted === undefined) {
          throw error;
        }
        setAsked(wanted === 'code' ? typed : { ...typed, secret: await begin(typed.name, typed.password) });
      }
    });
  const send = ({ name, password }: Asked, code: string) =>
    attempt(async () => {
      await signIn(name, password, codeOf(code));
      onSignedIn?.();
    });
  return (
    <>
      {refusal && (
        <p className="plain-alert plain-error" role="alert">
          {refusal}
        </p>
      )}
      {asked ? (
        <CodeStep
          asked={asked}
          pending={pending}
          onCode={(code) => void send(asked, code)}
          onBack={() => {
            setAsked(undefined);
            setRefusal(undefined);
          }}
        />
      ) : (
        <PasswordStep
          given={given}
          isFixed={loginName !== undefined}
          pending={pending}
          onGiven={(typed) => void enter(typed)}
        />
      )}
      {asked && (
        <p className="visually-hidden" role="status">
          {t('factor.asked')}
        </p>
      )}
    </>
  );
}

function PasswordStep(props: { given: Given; isFixed: boolean; pending: boolean; onGiven: (given: Given) => void }) {
  const { t } = useTranslation('session');
  const id = useId();
  const [missing, setMissing] = useState<'name' | 'password'>();
  const [isShown, setShown] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, password] = [String(form.get('name')).trim(), String(form.get('password'))];
    setMissing(name === '' ? 'name' : password === '' ? 'password' : undefined);
    if (name === '' || password === '') {
      event.currentTarget.querySelector<HTMLElement>(name === '' ? '[name=name]' : '[name=password]')?.focus();
      return;
    }
    props.onGiven({ name, password });
  };
  return (
    <form className="sign-in" noValidate onSubmit={submit}>
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
        {...(props.isFixed ? { value: props.given.name, readOnly: true } : { defaultValue: props.given.name })}
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
      <button type="submit" className="plain-button plain-primary" disabled={props.pending} aria-busy={props.pending}>
        {t('login.submit')}
      </button>
    </form>
  );
}

/** 动态验证码, after a secret was put into an app where there was none. */
function CodeStep(props: { asked: Asked; pending: boolean; onCode: (code: string) => void; onBack: () => void }) {
  const { t } = useTranslation('session');
  const id = useId();
  const [isMissing, setMissing] = useState(false);
  const { secret } = props.asked;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get('code'));
    setMissing(!isCode(code));
    if (isCode(code)) {
      props.onCode(code);
    } else {
      event.currentTarget.querySelector('input')?.focus();
    }
  };
  return (
    <form className="sign-in" noValidate onSubmit={submit}>
      {secret && (
        <>
          <p className="plain-alert">{t('factor.demanded')}</p>
          <Suspense>
            <FactorSecret {...secret} />
          </Suspense>
        </>
      )}
      <label htmlFor={`${id}code`}>{t('factor.code')}</label>
      <input
        id={`${id}code`}
        className="plain-input"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={12}
        placeholder={t('factor.placeholder')}
        aria-invalid={isMissing}
        // biome-ignore lint/a11y/noAutofocus: the step that was asked for begins here
        autoFocus
      />
      {isMissing && <p className="plain-missing">{t('factor.placeholder')}</p>}
      <button type="submit" className="plain-button plain-primary" disabled={props.pending} aria-busy={props.pending}>
        {t('login.submit')}
      </button>
      <button type="button" className="plain-button factor-back" onClick={props.onBack}>
        {t('factor.back')}
      </button>
      <p className="secondary entry-help">{t('factor.help')}</p>
    </form>
  );
}
