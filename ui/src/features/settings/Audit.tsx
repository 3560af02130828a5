import { Button, NativeSelect } from '@mantine/core';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Panel, State, type Tone } from '@/kit/Page';
import { Search } from '@/kit/Search';
import { moreOf, Table } from '@/kit/Table';
import { useQuestion } from '@/kit/To';
import { Exactly } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useAudit } from './queries';

const TONES: Record<string, Tone> = { done: 'good', begun: 'going', refused: 'warn', failed: 'bad' };

/** Who changed what, or tried to, and when. */
export function Audit() {
  const { settings: text, kit } = useText();
  const [question, change] = useQuestion();
  const names = Object.entries(text.changes).map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label));
  // An address may ask for what has no name here.
  const other = question.what && !text.changes[question.what] ? [{ value: question.what, label: question.what }] : [];
  const choices = [{ value: '', label: text.everything }, ...other, ...names];
  const filtered = Boolean(question.who || question.what);
  const pages = useAudit({ ...(question.who ? { who: question.who } : {}), ...(question.what ? { what: question.what } : {}) });
  return (
    <>
      <div className="filters" role="search">
        <Search label={text.who} shown at="who" />
        <NativeSelect className="grow" label={text.what} value={question.what ?? ''} onChange={(event) => change({ what: event.currentTarget.value })} data={choices} />
      </div>
      {pages.error ? <Failed error={pages.error} again={() => void pages.refetch()} /> : null}
      <Panel flush>
        {pages.isPending && !pages.error ? (
          <Waiting rows={8} />
        ) : pages.items.length === 0 ? (
          filtered ? <Empty title={kit.noneFit} next={<Button variant="default" onClick={() => change({ who: undefined, what: undefined })}>{kit.showAll}</Button>} /> : <Empty title={text.noAudit} words={text.noAuditWords} />
        ) : (
          <Table
            name={text.tabs.audit} rows={pages.items} keyOf={(row) => String(row.id)} more={moreOf(pages)}
            columns={[
              { head: text.what, cell: (row) => <strong>{text.changes[row.what] ?? row.what}</strong> },
              { head: text.became, cell: (row) => <State tone={TONES[row.outcome ?? 'done'] ?? 'bad'}>{text.outcomes[row.outcome ?? 'done'] ?? row.outcome}</State> },
              { head: text.of, cell: (row) => <div className="break" style={{ minWidth: 150 }}>{row.of}{row.of && row.detail ? ' · ' : ''}<Words words={row.detail ?? ''} /></div> },
              { head: text.who, cell: (row) => <div style={{ minWidth: 128 }} className="break">{row.who.name}<span className="faint small"> {text.whoKinds[row.who.kind] ?? row.who.kind}</span></div> },
              { head: text.when, right: true, cell: (row) => <Exactly at={row.at} /> },
            ]}
          />
        )}
      </Panel>
    </>
  );
}
