import { Empty, Loaded } from '@/kit/Loaded';
import { Panel, Tag } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { Copy, Exactly } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useIdentity, type Who } from './queries';

/** The names of a person, and why they are one. */
export function IdentityTab({ who }: { who: Who }) {
  const { suppressions } = useText();
  const text = useText().profiles.identity;
  return (
    <Loaded query={useIdentity(who)}>
      {(identity) => (
        <>
          <Panel title={text.names} sub={text.namesWords} flush>
            <Table
              name={text.names} rows={identity.aliases} keyOf={(row) => row.alias}
              columns={[
                { head: text.name, cell: (row) => <Copy value={row.alias} /> },
                { head: text.rule, cell: (row) => <span className="dim">{row.unique ? text.unique : row.shared ? text.shared : text.several}</span> },
                { head: text.state, cell: (row) => (row.suppressed ? <Tag tone="bad">{`${text.suppressed} ${suppressions[row.suppressed] ?? row.suppressed}`}</Tag> : row.held ? text.held : text.free) },
              ]}
            />
          </Panel>
          <Panel title={text.merges} flush>
            {identity.merges.length === 0 ? (
              <Empty title={text.noMerges} words={text.noMergesWords} />
            ) : (
              <Table
                name={text.merges} rows={identity.merges} keyOf={(row) => row.profile}
                columns={[
                  { head: text.profile, cell: (row) => <Copy value={row.profile} /> },
                  { head: text.because, cell: (row) => <Words words={row.why} /> },
                  { head: text.when, cell: (row) => <Exactly at={row.at} /> },
                ]}
              />
            )}
          </Panel>
          {identity.refused.length > 0 ? (
            <Panel title={text.refused} sub={text.refusedWords} flush>
              <Table
                name={text.refused} rows={identity.refused} keyOf={(row) => row.alias}
                columns={[
                  { head: text.name, cell: (row) => <code>{row.alias}</code> },
                  { head: text.because, cell: (row) => (row.by ?? []).map((pair) => pair.join(' ≠ ')).join(', ') },
                ]}
              />
            </Panel>
          ) : null}
        </>
      )}
    </Loaded>
  );
}
