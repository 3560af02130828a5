import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDefinitions } from '@/api/definitions';
import { Instant } from '@/kit/form/Instant';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { useAsked } from '@/kit/Search';
import { useQuestion } from '@/kit/To';
import { useText } from '@/text';
import { FILTERS, filterOf, useLedger, type FilterName } from './ledger';
import { Messages } from './Rows';

const KINDS: Partial<Record<FilterName, string>> = { campaign: 'campaigns', journey: 'journeys', template: 'templates', topic: 'topics' };
/** What nobody chooses from a list: links lead here with it. */
const LINKED = new Set<FilterName>(['run', 'queue']);

/** All messages, by where they come from and what became of them. */
export function Ledger() {
  const text = useText().messages;
  const format = useFormat();
  const [question, change] = useQuestion();
  const filter = filterOf(question);
  const filtered = Object.keys(filter).length > 0;
  // Another question begins anew.
  const key = JSON.stringify(filter);
  const clear = () => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])));
  return (
    <>
      <Filters question={question} change={change} clear={filtered ? clear : null} />
      <List key={key} filtered={filtered} filter={filter} format={format.number} text={text} />
    </>
  );
}

function List({ filter, filtered, format, text }: { filter: ReturnType<typeof filterOf>; filtered: boolean; format: (value: number) => string; text: ReturnType<typeof useText>['messages'] }) {
  const ledger = useLedger(filter);
  const { dateTime } = useFormat();
  const { messages, looking, hasMore, error } = ledger;
  const so = text.found(format(messages.length));
  const far = hasMore ? text.lookedBack(ledger.backTo ? dateTime(ledger.backTo) : '') : text.lookedAll;
  return (
    <>
      <p className="dim small" role="status" style={{ marginBottom: 10 }} data-testid="ledger" data-settled={looking ? undefined : ''}>
        {looking && messages.length === 0 ? text.looking : `${so} ${far}`}{' '}
        {looking ? null : <Button size="compact-xs" variant="subtle" onClick={ledger.again}>{text.readAgain}</Button>}
      </p>
      {error ? <Failed error={error} again={ledger.again} /> : null}
      <Panel flush>
        {messages.length > 0 ? (
          <Messages rows={messages} who more={{ has: hasMore, busy: looking, ask: ledger.more }} />
        ) : looking ? (
          <Waiting rows={8} />
        ) : (
          <Empty
            title={hasMore ? text.noneYet : filtered ? text.noneFit : text.ledgerEmpty}
            words={hasMore ? far : filtered ? text.noneFitWords : text.ledgerEmptyWords}
            next={hasMore ? <Button variant="default" onClick={ledger.more}>{text.lookOn}</Button> : null}
          />
        )}
      </Panel>
    </>
  );
}

interface Asking {
  question: Record<string, string>;
  change: (change: Record<string, string | undefined>) => void;
}

function Filters({ question, change, clear }: Asking & { clear: (() => void) | null }) {
  const text = useText().messages;
  const kit = useText().kit.form;
  const definitions = useDefinitions();
  const choices = (name: FilterName): { value: string; label: string }[] => {
    const asked = question[name];
    const words: Record<string, string> | null = name === 'state' ? text.asked : name === 'reason' ? text.reasonWords : null;
    const known = name === 'channel' ? ['email', 'sms', 'push', 'webhook'] : words ? Object.keys(words) : Object.keys(definitions.data?.definitions[KINDS[name] ?? ''] ?? {});
    // What was removed may still be asked for: its messages stay.
    return [...known, ...(asked && !known.includes(asked) ? [asked] : [])].map((value) => ({ value, label: words?.[value] ?? (name === 'channel' ? (kit.choices[value] ?? value) : value) }));
  };
  return (
    <div className="filters" role="search">
      {FILTERS.filter((name) => !LINKED.has(name) || question[name]).map((name) =>
        name === 'since' || name === 'until' ? (
          <Instant key={name} common={{ label: text.filters[name] }} value={question[name] ?? ''} set={(value) => change({ [name]: value || undefined })} />
        ) : (
          <NativeSelect key={name} label={text.filters[name]} value={question[name] ?? ''} onChange={(event) => change({ [name]: event.currentTarget.value })} data={[{ value: '', label: text.all }, ...choices(name)]} />
        ),
      )}
      {clear ? (
        <Button variant="subtle" onClick={clear}>
          {text.clear}
        </Button>
      ) : null}
    </div>
  );
}

/** Filters of the messages of one person. */
export function StateFilter() {
  const text = useText().messages;
  const [question, change] = useQuestion();
  const [template, setTemplate] = useAsked('template');
  return (
    <>
      <NativeSelect label={text.filters.state} value={question.state ?? ''} onChange={(event) => change({ state: event.currentTarget.value })} data={[{ value: '', label: text.all }, ...Object.entries(text.asked).map(([value, label]) => ({ value, label }))]} />
      <TextInput label={text.filters.template} value={template} onChange={(event) => setTemplate(event.currentTarget.value)} />
    </>
  );
}
