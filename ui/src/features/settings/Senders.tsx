import { Button } from '@mantine/core';
import { useMember } from '@/api/session';
import { Empty, Loaded } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { href, useGo } from '@/kit/To';
import { inWords } from '@/kit/values';
import { useText } from '@/text';
import { useDefinitions } from './queries';

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
  const go = useGo();
  return (
    <Loaded query={query} rows={6}>
      {({ definitions }) => {
        const senders = Object.entries(definitions.senders ?? {});
        const topics = Object.entries(definitions.topics ?? {});
        return (
          <>
            <Panel title={text.senders} end={owner ? <Button size="xs" onClick={() => go('/definitions/senders/new')}>{text.addSender}</Button> : null} flush>
              {senders.length === 0 ? (
                <Empty title={text.noSenders} words={text.noSendersWords} next={owner ? <Button onClick={() => go('/definitions/senders/new')}>{text.addSender}</Button> : null} />
              ) : (
                <Table
                  name={text.senders} rows={senders} keyOf={([name]) => name} to={([name]) => href`/definitions/senders/${name}`}
                  columns={[
                    { head: text.name, cell: ([name]) => name },
                    { head: text.from, cell: ([, { definition }]) => <span className="break">{fromOf(definition as Sender)}</span> },
                    { head: text.bounces, wide: true, cell: ([, { definition }]) => inWords((definition as Sender)['return-path-domain'] ?? '–') },
                  ]}
                />
              )}
            </Panel>
            <Panel title={text.topics} sub={text.topicsWords} end={owner ? <Button size="xs" onClick={() => go('/definitions/topics/new')}>{text.addTopic}</Button> : null} flush>
              {topics.length === 0 ? (
                <Empty title={text.noTopics} words={text.noTopicsWords} next={owner ? <Button onClick={() => go('/definitions/topics/new')}>{text.addTopic}</Button> : null} />
              ) : (
                <Table
                  name={text.topics} rows={topics} keyOf={([name]) => name} to={([name]) => href`/definitions/topics/${name}`}
                  columns={[
                    { head: text.name, cell: ([name]) => name },
                    { head: text.titleOf, cell: ([, { definition }]) => inWords(definition.title ?? '') },
                    { head: text.description, wide: true, cell: ([, { definition }]) => <span className="dim">{inWords(definition.description ?? '')}</span> },
                    { head: text.consent, cell: ([, { definition }]) => (definition['consent-required'] === false ? text.notRequired : definition['double-opt-in'] ? text.doubleOptIn : text.required) },
                  ]}
                />
              )}
            </Panel>
          </>
        );
      }}
    </Loaded>
  );
}

function fromOf({ from }: Sender): string {
  return from ? `${from.name ?? ''} <${from.address ?? ''}>` : '';
}
