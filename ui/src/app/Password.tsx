import { Button, Modal, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useSetPassword } from '@/api/session';
import { Failed } from '@/kit/Loaded';
import { tell } from '@/kit/toast';
import { useText } from '@/text';

/** Another password for who is signed in. */
export function Password({ close }: { close: () => void }) {
  const text = useText().shell.password;
  const kit = useText().kit;
  const show = { 'aria-label': useText().shell.signIn.showPassword };
  const setPassword = useSetPassword();
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const differs = again !== '' && next !== again;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await setPassword(old, next);
      tell(text.done);
      close();
    } catch (why) {
      setError(why);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={text.title} centered closeButtonProps={{ 'aria-label': kit.close }}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <PasswordInput label={text.old} autoComplete="current-password" required data-autofocus value={old} onChange={(event) => setOld(event.currentTarget.value)} visibilityToggleButtonProps={show} />
        <PasswordInput label={text.next} description={text.nextHint} autoComplete="new-password" required value={next} onChange={(event) => setNext(event.currentTarget.value)} visibilityToggleButtonProps={show} />
        <PasswordInput label={text.again} autoComplete="new-password" required value={again} onChange={(event) => setAgain(event.currentTarget.value)} visibilityToggleButtonProps={show} {...(differs ? { error: text.differs } : {})} />
        <p className="dim small">{text.ends}</p>
        {error ? <Failed error={error} /> : null}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>{kit.cancel}</Button>
          <Button type="submit" loading={busy} disabled={differs || again === ''}>{text.verb}</Button>
        </div>
      </form>
    </Modal>
  );
}
