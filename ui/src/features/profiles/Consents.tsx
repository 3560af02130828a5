import { Empty, Loaded } from '@/kit/Loaded';
import { Panel, Tag } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { To } from '@/kit/To';
import { Exactly } from '@/kit/values';
import { useText } from '@/text';
import { eventOf } from './model';
import { useConsents, type Statement, type Who } from './queries';

/** What a statement says that is about no topic of its own. */
const EVERY_TOPIC = '*';

/** What a person allowed, and every statement that it follows from. */
export function ConsentTab({ who }: { who: Who }) {
  const { choices } = useText().kit.form;
  const text = useText().profiles.consents;
  const query = useConsents(who);
  const about = ({ topic, channel }: Statement) => `${topic === EVERY_TOPIC ? text.everyTopic : topic} · ${channel === null ? text.everyChannel : (choices[channel] ?? channel)}`;
  const state = (statement: Statement) => <Tag tone={statement.state === 'granted' ? 'good' : 'bad'}>{text.states[statement.state] ?? statement.state}</Tag>;
  return (
    <Loaded query={query}>
      {({ in_force: inForce, evidence }) => (
        <>
          <Panel title={text.inForce} sub={text.inForceWords} flush>
            {inForce.length === 0 ? (
              <Empty title={text.none} words={text.noneWords} />
            ) : (
              <Table
                name={text.inForce} rows={inForce} keyOf={(row) => row.event + about(row.fact)}
                columns={[
                  { head: text.about, cell: (row) => about(row.fact) },
                  { head: text.state, cell: (row) => state(row.fact) },
                  { head: text.since, cell: (row) => <Exactly at={row.at} /> },
                ]}
              />
            )}
          </Panel>
          {evidence.length > 0 ? (
            <Panel title={text.evidence} sub={text.evidenceWords} flush>
              <Table
                name={text.evidence} rows={evidence} keyOf={(row) => row.event + about(row.statement)}
                columns={[
                  { head: text.about, cell: (row) => about(row.statement) },
                  { head: text.state, cell: (row) => state(row.statement) },
                  { head: text.source, cell: (row) => <span className="break">{[row.statement.source, row.statement.wording, row.statement.ip].filter(Boolean).join(' · ')}</span> },
                  { head: text.when, cell: (row) => <Exactly at={row.at} /> },
                  { head: text.event, wide: true, cell: (row) => <To to={eventOf(who, row.event)}>{row.imported ? text.imported : text.reported}</To> },
                ]}
              />
            </Panel>
          ) : null}
        </>
      )}
    </Loaded>
  );
}
