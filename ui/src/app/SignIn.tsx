import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { call } from '@/api/client';
import { useSignIn } from '@/api/session';
import { Failed } from '@/kit/Loaded';
import { Words } from '@/kit/Words';
import { keepLanguage, LANGUAGES, useText, type Language } from '@/text';

/** The door. Where nobody is a member yet it says how the first one is made. */
export function SignIn({ setup, email: known }: { setup: boolean; email?: string }) {
  const text = useText().shell.signIn;
  const signIn = useSignIn();
  const first = useRef<HTMLInputElement>(null);
  // Not by `autoFocus`, which comes before what had the focus is remembered.
  useEffect(() => first.current?.focus(), []);
  const [email, setEmail] = useState(known ?? '');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(email, password);
    } catch (why) {
      setError(why);
      setBusy(false);
    }
  };
  return (
    <main className="gate">
      <form onSubmit={(event) => void submit(event)}>
        <img src="/mark.svg" alt="" />
        <h1>{setup ? text.setupTitle : text.title}</h1>
        {setup ? (
          <div className="stack">
            <p className="dim">{text.setupWords}</p>
            <pre className="json" tabIndex={0}>
              {text.setupCommand}
            </pre>
          </div>
        ) : null}
        {known ? <p className="dim" role="alert">{text.over}</p> : null}
        <TextInput ref={known ? null : first} label={text.email} type="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
        <PasswordInput ref={known ? first : null} label={text.password} autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': text.showPassword }} />
        {error ? <Failed error={error} /> : null}
        <Button type="submit" loading={busy}>
          {text.submit}
        </Button>
        {setup ? null : <p className="dim small"><Words words={text.forgotten} own /></p>}
        {/* Another language loads the page anew: what waits behind the door would be lost. */}
        {known ? null : <Languages />}
      </form>
    </main>
  );
}

/** In which language the door is. */
function Languages() {
  const text = useText().shell;
  const choose = (code: Language) => {
    keepLanguage(code);
    location.reload();
  };
  return (
    <div className="row" role="group" aria-label={text.language}>
      {LANGUAGES.map(({ code, name }) => (
        <Button key={code} size="compact-sm" variant={document.documentElement.lang === code ? 'light' : 'subtle'} lang={code} aria-pressed={document.documentElement.lang === code} onClick={() => choose(code)}>{name}</Button>
      ))}
    </div>
  );
}

/** An invitation: a member chooses a password, and is in. */
export function Join({ token }: { token: string }) {
  const text = useText().shell.join;
  const hint = useText().shell.password.nextHint;
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await call<unknown, 'post'>('post', '/v1/session/join', { body: { token, password } });
      location.assign('/');
    } catch (why) {
      setError(why);
      setBusy(false);
    }
  };
  return (
    <main className="gate">
      <form onSubmit={(event) => void submit(event)}>
        <img src="/mark.svg" alt="" />
        <h1>{text.title}</h1>
        <p className="dim">{text.words}</p>
        <PasswordInput label={text.password} description={hint} autoComplete="new-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': text.showPassword }} />
        {error ? <Failed error={error} /> : null}
        <Button type="submit" loading={busy}>
          {text.submit}
        </Button>
        <Languages />
      </form>
    </main>
  );
}
