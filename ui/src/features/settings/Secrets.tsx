import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { homeOfKind } from '@/api/definitions';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Panel, State } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { tell } from '@/kit/toast';
import { To } from '@/kit/To';
import { Copy, Exactly } from '@/kit/values';
import { useText } from '@/text';
import { useForgetSecret, useSecrets, useSetSecret, type Secret } from './queries';

/** Names of secrets. What they hold goes in here and never comes out again. */
export function Secrets() {
  const text = useText().settings.secrets;
  const query = useSecrets();
  const [setting, setSetting] = useState<string | null>(null);
  const [forgetting, setForgetting] = useState<Secret | null>(null);
  return (
    <>
      <Panel title={text.title} sub={text.words} end={<Button size="xs" onClick={() => setSetting('')}>{text.add}</Button>} flush>
        <Loaded query={query}>
          {({ secrets }) =>
            secrets.length === 0 ? (
              <Empty title={text.none} words={text.noneWords} next={<Button onClick={() => setSetting('')}>{text.add}</Button>} />
            ) : (
              <Table
                name={text.title} rows={secrets} keyOf={(row) => row.name}
                columns={[
                  { head: text.name, cell: (row) => <><Copy value={`vault:${row.name}`} />{row.opens ? null : <div><State tone="bad">{text.closed}</State></div>}</> },
                  { head: text.usedBy, cell: (row) => <Users names={row.used_by} /> },
                  { head: text.since, wide: true, cell: (row) => <Exactly at={row.at} /> },
                  {
                    head: text.actions, right: true,
                    cell: (row) => (
                      <span className="row" style={{ justifyContent: 'flex-end', flexWrap: 'nowrap' }}>
                        <Button size="compact-xs" variant="default" aria-label={`${text.replace}: ${row.name}`} onClick={() => setSetting(row.name)}>{text.replace}</Button>
                        <Button size="compact-xs" variant="default" c="var(--bad)" aria-label={`${text.forget}: ${row.name}`} onClick={() => setForgetting(row)}>{text.forget}</Button>
                      </span>
                    ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      {setting === null ? null : <Setting given={setting} close={() => setSetting(null)} />}
      {forgetting ? <Forgetting secret={forgetting} close={() => setForgetting(null)} /> : null}
    </>
  );
}

/** `provider/mail`, as links. */
function Users({ names }: { names: string[] }) {
  const text = useText().settings.secrets;
  if (names.length === 0) return <span className="faint">{text.nobody}</span>;
  return (
    <span className="row">
      {names.map((name) => {
        const [kind = '', key = ''] = name.split('/');
        return <To key={name} to={homeOfKind(kind === 'policy' || kind === 'sharing' ? kind : `${kind}s`, key)}>{key}</To>;
      })}
    </span>
  );
}

function Setting({ given, close }: { given: string; close: () => void }) {
  const text = useText().settings.secrets;
  const kit = useText().kit;
  const set = useSetSecret();
  const [name, setName] = useState(given);
  const [value, setValue] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate({ name, value }, {
      onSuccess: () => {
        tell(text.kept(name));
        close();
      },
    });
  };
  return (
    <Modal opened onClose={close} title={given ? text.replaceTitle(given) : text.add} centered closeButtonProps={{ 'aria-label': kit.close }}>
      <form className="stack" onSubmit={submit} autoComplete="off">
        {given ? <p>{text.replaceWords}</p> : <TextInput label={text.name} description={text.nameHint} required data-autofocus autoComplete="off" spellCheck={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />}
        <PasswordInput label={text.value} description={text.valueHint} required autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': text.show }} value={value} onChange={(event) => setValue(event.currentTarget.value)} />
        {set.error ? <Failed error={set.error} /> : null}
        <Button type="submit" loading={set.isPending}>{text.keep}</Button>
      </form>
    </Modal>
  );
}

function Forgetting({ secret, close }: { secret: Secret; close: () => void }) {
  const text = useText().settings.secrets;
  const format = useFormat();
  const forget = useForgetSecret();
  const used = secret.used_by.length;
  return (
    <Confirm
      opened close={close} danger title={text.forgetTitle(secret.name)} verb={text.forget} busy={forget.isPending} error={forget.error} barred={used > 0}
      consequences={used > 0 ? [text.used(format.number(used), secret.used_by.join(', '))] : [text.forgetWords, text.forgetFinal]}
      act={() =>
        forget.mutate(secret.name, {
          onSuccess: () => {
            tell(text.forgotten(secret.name));
            close();
          },
        })
      }
    />
  );
}
