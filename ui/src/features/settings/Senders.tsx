import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useMember } from '@/api/session';
import { Diff } from '@/kit/Diff';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { inWords } from '@/kit/values';
import { useText } from '@/text';
import { useApply, useDefinitions } from './queries';

interface Sender {
  from?: { name?: string; address?: string };
  'reply-to'?: string | null;
  'return-path-domain'?: string | null;
}

/** In whose name messages go out, and the topics that people may choose. */
export function Senders() {
  const text = useText().settings;
  const query = useDefinitions();
  const owner = useMember().role === 'owner';
  const [adding, setAdding] = useState(false);
  return (
    <Loaded query={query} rows={6}>
      {({ definitions }) => {
        const senders = Object.entries(definitions.senders ?? {});
        const topics = Object.entries(definitions.topics ?? {});
        return (
          <>
            <Panel title={text.senders} end={owner ? <Button size="xs" onClick={() => setAdding(true)}>{text.addSender}</Button> : null} flush>
              {senders.length === 0 ? (
                <Empty title={text.noSenders} words={text.noSendersWords} />
              ) : (
                <Table
                  name={text.senders} rows={senders} keyOf={([name]) => name}
                  columns={[
                    { head: text.name, cell: ([name]) => <strong>{name}</strong> },
                    { head: text.from, cell: ([, { definition }]) => <span className="break">{fromOf(definition as Sender)}</span> },
                    { head: text.bounces, wide: true, cell: ([, { definition }]) => inWords((definition as Sender)['return-path-domain'] ?? '–') },
                  ]}
                />
              )}
            </Panel>
            <Panel title={text.topics} sub={text.topicsWords} flush>
              {topics.length === 0 ? (
                <Empty title={text.noTopics} words={text.noTopicsWords} />
              ) : (
                <Table
                  name={text.topics} rows={topics} keyOf={([name]) => name}
                  columns={[
                    { head: text.name, cell: ([name]) => <strong>{name}</strong> },
                    { head: text.titleOf, cell: ([, { definition }]) => inWords(definition.title ?? '') },
                    { head: text.description, wide: true, cell: ([, { definition }]) => <span className="dim">{inWords(definition.description ?? '')}</span> },
                    { head: text.consent, cell: ([, { definition }]) => (definition['consent-required'] === false ? text.notRequired : definition['double-opt-in'] ? text.doubleOptIn : text.required) },
                  ]}
                />
              )}
            </Panel>
            {adding ? <Add close={() => setAdding(false)} /> : null}
          </>
        );
      }}
    </Loaded>
  );
}

function fromOf({ from }: Sender): string {
  return from ? `${from.name ?? ''} <${from.address ?? ''}>` : '';
}

function Add({ close }: { close: () => void }) {
  const text = useText().settings;
  const kit = useText().kit;
  const apply = useApply();
  const [draft, setDraft] = useState({ name: '', who: '', address: '', bounces: '' });
  const definition = { from: { name: draft.who, address: draft.address }, ...(draft.bounces ? { 'return-path-domain': draft.bounces } : {}) };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apply.mutate({ senders: { [draft.name]: definition } }, { onSuccess: close });
  };
  const field = (key: keyof typeof draft) => ({ value: draft[key], onChange: (event: React.ChangeEvent<HTMLInputElement>) => setDraft({ ...draft, [key]: event.currentTarget.value }) });
  return (
    <Modal opened onClose={close} title={text.addSender} centered closeButtonProps={{ 'aria-label': kit.close }}>
      <form className="stack" onSubmit={submit}>
        <TextInput label={text.senderName} description={text.senderNameHint} required data-autofocus {...field('name')} />
        <TextInput label={text.senderWho} description={text.senderWhoHint} required {...field('who')} />
        <TextInput label={text.senderAddress} required {...field('address')} />
        <TextInput label={text.senderBounces} description={text.senderBouncesHint} {...field('bounces')} />
        <Diff before={null} after={definition} label={text.change} />
        {apply.error ? <Failed error={apply.error} /> : null}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>{kit.cancel}</Button>
          <Button type="submit" loading={apply.isPending}>{text.publish}</Button>
        </div>
      </form>
    </Modal>
  );
}
