import { Button } from '@mantine/core';
import { useDefinitions } from '@/api/definitions';
import { Empty, Loaded } from '@/kit/Loaded';
import { Panel, State, type Tone } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { href, To, useQuestion } from '@/kit/To';
import { Copy } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useSenderCheck, type Finding, type Standings } from './queries';

const TONES: Record<string, Tone> = { fine: 'good', unknown: 'calm', warning: 'warn', error: 'bad' };
/** The worst first. */
const ORDER = ['error', 'warning', 'unknown', 'fine'];

/** Every sender with what was found at worst, and one of them with everything that was. */
export function Senders({ all }: { all: Standings }) {
  const text = useText().sending.senders;
  const [question, change] = useQuestion();
  const definitions = useDefinitions();
  const names = Object.keys(definitions.data?.definitions.senders ?? {});
  const chosen = question.sender;
  return (
    <>
      <Panel title={text.title} sub={text.words} flush>
        <Loaded query={definitions} rows={2}>
          {() => names.length === 0 ? <Empty title={text.none} words={text.noneWords} /> : (
          <Table
            name={text.title} rows={names} keyOf={(name) => name}
            columns={[
              { head: text.sender, cell: (name) => <To to={href`/definitions/senders/${name}`}>{name}</To> },
              { head: text.worst, cell: (name) => { const weight = all.senders[name]; return weight ? <State tone={TONES[weight] ?? 'calm'}>{text.weights[weight] ?? weight}</State> : <span className="faint">{text.notYet}</span>; } },
              { head: text.actions, right: true, cell: (name) => <Button size="compact-xs" variant="default" aria-expanded={chosen === name} onClick={() => change({ sender: chosen === name ? undefined : name })}>{text.look}</Button> },
            ]}
          />
          )}
        </Loaded>
      </Panel>
      {chosen ? <Check name={chosen} /> : null}
    </>
  );
}

function Check({ name }: { name: string }) {
  const text = useText().sending.senders;
  const query = useSenderCheck(name);
  return (
    <Panel title={text.found(name)} end={<Button size="xs" variant="default" loading={query.isFetching} onClick={() => void query.refetch()}>{text.again}</Button>}>
      <Loaded query={query} rows={5}>
        {({ findings }) => (
          <ul className="stack" data-testid="findings">
            {[...findings].sort((a, b) => ORDER.indexOf(a.weight) - ORDER.indexOf(b.weight)).map((one, place) => <Found key={place} found={one} />)}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

/** What was found by its kind in this language, with the server's own words and what to publish. */
function Found({ found }: { found: Finding }) {
  const text = useText().sending.senders;
  return (
    <li>
      <State tone={TONES[found.weight] ?? 'calm'}>{text.findings[found.code] ?? found.code}</State>
      <p className="dim small break"><Words words={[found.text, found.hint].filter(Boolean).join('; ')} /></p>
      {found.publish ? (
        <p className="small break">
          {text.publish(found.publish.kind)} <Copy value={found.publish.name} /> <Copy value={found.publish.value} />
        </p>
      ) : null}
    </li>
  );
}
