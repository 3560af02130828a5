import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Confirm } from '@/kit/Confirm';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { ONCE } from '@/kit/once';
import { Panel, Tag } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { Copy, Exactly } from '@/kit/values';
import { useText } from '@/text';
import { SCOPES, useKeys, useMakeKey, useRevoke, type Key, type Scope } from './queries';

/** Keys of programs. The secret is shown once. */
export function Keys() {
  const text = useText().settings;
  const query = useKeys();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const revoke = useRevoke();
  return (
    <>
      <Panel title={text.keys} sub={text.keysWords} end={<Button size="xs" onClick={() => setMaking(true)}>{text.makeKey}</Button>} flush>
        <Loaded query={query}>
          {({ keys }) =>
            keys.length === 0 ? (
              <Empty title={text.noKeys} words={text.noKeysWords} next={<Button onClick={() => setMaking(true)}>{text.makeKey}</Button>} />
            ) : (
              <Table
                name={text.keys} rows={keys} keyOf={(row) => row.prefix}
                columns={[
                  { head: text.name, cell: (row) => <strong>{row.name}</strong> },
                  { head: text.prefix, wide: true, cell: (row) => <code>{`${row.prefix}…`}</code> },
                  { head: text.scope, cell: (row) => <Tag>{text.scopes[row.scope] ?? row.scope}</Tag> },
                  { head: text.made, wide: true, cell: (row) => <Exactly at={row.at} /> },
                  { head: text.actions, right: true, cell: (row) => <Button size="compact-xs" variant="subtle" color="red.8" c="var(--bad)" onClick={() => setRevoking(row)}>{text.revoke}</Button> },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      {making ? <Make close={() => setMaking(false)} /> : null}
      <Confirm
        opened={revoking !== null} close={() => setRevoking(null)} danger title={text.revokeTitle(revoking?.name ?? '')} verb={text.revoke} busy={revoke.isPending} error={revoke.error}
        consequences={[text.revokeWords, text.revokeFinal]}
        act={() => revoking && revoke.mutate(revoking.prefix, { onSuccess: () => setRevoking(null) })}
      />
    </>
  );
}

function Make({ close }: { close: () => void }) {
  const text = useText().settings;
  const kit = useText().kit;
  const make = useMakeKey();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('write');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ name, scope });
  };
  return (
    <Modal opened onClose={close} title={make.data ? text.keyMade : text.makeKey} centered closeButtonProps={{ 'aria-label': kit.close }} {...(make.data ? ONCE : {})}>
      {make.data ? (
        <div className="stack">
          <p>{text.keyOnce}</p>
          <div className="json" data-testid="secret"><Copy value={make.data.key} /></div>
          <Button onClick={close}>{text.keyKept}</Button>
        </div>
      ) : (
        <form className="stack" onSubmit={submit}>
          <TextInput label={text.keyName} description={text.keyNameHint} required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <NativeSelect label={text.scope} value={scope} onChange={(event) => setScope(event.currentTarget.value as Scope)} data={SCOPES.map((one) => ({ value: one, label: text.scopes[one] }))} />
          {make.error ? <Failed error={make.error} /> : null}
          <Button type="submit" loading={make.isPending}>{text.makeKey}</Button>
        </form>
      )}
    </Modal>
  );
}
