import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useText } from '@/text';
import { Failed } from './Loaded';

interface Props {
  opened: boolean;
  close: () => void;
  title: string;
  /** What will be different afterwards, in numbers. */
  consequences: ReactNode[];
  verb: string;
  danger?: boolean;
  /** What has to be typed before it can be done. */
  typed?: string;
  busy: boolean;
  /** It cannot be done as it stands; the consequences say why. */
  barred?: boolean;
  size?: string;
  error: unknown;
  act: () => void;
  children?: ReactNode;
}

/** Asks once more, and says what it would do. */
export function Confirm({ opened, close, title, consequences, verb, danger, typed, busy, barred, size, error, act, children }: Props) {
  const text = useText().kit;
  const [word, setWord] = useState('');
  const ready = (!typed || word === typed) && !barred;
  return (
    <Modal opened={opened} onClose={close} title={title} centered {...(size ? { size } : {})} closeButtonProps={{ 'aria-label': text.close }}>
      <div className="stack">
        {consequences.length > 0 ? (
          <ul className="consequences">
            {consequences.map((line, place) => (
              <li key={place}>{line}</li>
            ))}
          </ul>
        ) : null}
        {children}
        {typed ? (
          <TextInput label={text.typeToConfirm(typed)} value={word} onChange={(event) => setWord(event.currentTarget.value)} data-autofocus autoComplete="off" />
        ) : null}
        {error ? <Failed error={error} /> : null}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            {text.cancel}
          </Button>
          <Button {...(danger ? { color: 'red.8' } : {})} loading={busy} disabled={!ready} onClick={act}>
            {verb}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
