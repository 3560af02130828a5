import { Button } from '@mantine/core';
import { useText } from '@/text';
import { BoundFields, Choice, Name, Text } from './Fields';
import { CHANNELS, DATES, MESSAGE_FILTERS, STATES, type Bound, type DateTest, type Messages, type Selection, type Step, type Test, type Window } from './shapes';
import { TestFields } from './TestFields';
import { DATE_TESTS, DateFields, dateTestOf, WindowField } from './TimeFields';
import { WhereFields } from './WhereFields';

/** A block: the value of one kind of condition, and what it becomes. */
export interface Block<T> {
  kind: string;
  value: T;
  set: (value: T) => void;
}

function EventName({ value, set }: { value: string; set: (value: string) => void }) {
  const text = useText().segments.builder;
  return <Name kind="event" label={text.event} value={value} set={set} />;
}

/** Which events, and when they were: what stands around the comparison. */
function When({ of, set }: { of: Selection; set: (of: Selection) => void }) {
  const text = useText().segments.builder;
  return (
    <>
      <WindowField value={of.window ?? 'all'} set={(window) => set({ ...of, window })} />
      <WhereFields filter={of.where} of={of.event} label={text.where} set={(where) => set({ ...of, where })} />
    </>
  );
}

/** How many, or how much: a number of events or of one of their properties. */
export function Measured({ kind, value, set }: Block<{ of: Selection; property?: string; is: Bound }>) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{text.leads[kind]}</span>
      <EventName value={value.of.event} set={(event) => set({ ...value, of: { ...value.of, event } })} />
      {value.property === undefined ? null : <Name kind="property" of={value.of.event} label={text.property} value={value.property} set={(property) => set({ ...value, property })} />}
      <BoundFields value={value.is} set={(is) => set({ ...value, is })} />
      <When of={value.of} set={(of) => set({ ...value, of })} />
    </div>
  );
}

/** The value that a property has: most often, first or last. */
export function Valued({ kind, value, set }: Block<{ of: Selection; property: string; is: Test }>) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{text.leads[kind]}</span>
      <EventName value={value.of.event} set={(event) => set({ ...value, of: { ...value.of, event } })} />
      <Name kind="property" of={value.of.event} label={text.property} value={value.property} set={(property) => set({ ...value, property })} />
      <TestFields value={value.is} set={(is) => set({ ...value, is })} />
      <When of={value.of} set={(of) => set({ ...value, of })} />
    </div>
  );
}

/** When something happened first or last. */
export function Dated({ kind, value, set }: Block<{ of: Selection; is: DateTest }>) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{text.leads[kind]}</span>
      <EventName value={value.of.event} set={(event) => set({ ...value, of: { ...value.of, event } })} />
      <Choice label={text.relation} value={dateTestOf(value.is)} set={(next) => set({ ...value, is: DATES[next]!() })} words={DATE_TESTS.map((one) => [one, text.tests[one] ?? one])} />
      <DateFields value={value.is} set={(is) => set({ ...value, is })} />
      <When of={value.of} set={(of) => set({ ...value, of })} />
    </div>
  );
}

/** Events one after the other. */
export function SequenceBlock({ value, set }: Block<{ steps: Step[]; window?: Window }>) {
  const text = useText().segments.builder;
  const { steps } = value;
  const put = (place: number, next: Step) => set({ ...value, steps: steps.map((step, other) => (other === place ? next : step)) });
  return (
    <div className="leaf-fields">
      <span className="lead">{text.leads.sequence}</span>
      <WindowField value={value.window ?? 'all'} set={(window) => set({ ...value, window })} />
      <ol className="sequence">
        {steps.map((step, place) => (
          <li key={place}>
            <div className="leaf-fields">
              {place > 0 ? (
                <Button size="compact-xs" variant={step.not ? 'filled' : 'default'} aria-pressed={step.not === true} onClick={() => put(place, { ...step, not: !step.not })}>
                  {text.not}
                </Button>
              ) : null}
              <EventName value={step.event} set={(event) => put(place, { ...step, event })} />
              {place > 0 ? (
                <>
                  <span className="lead">{text.within}</span>
                  <Text narrow label={text.anySpan} value={step.within ?? ''} set={(within) => put(place, { ...step, within: within || null })} />
                </>
              ) : null}
              <WhereFields filter={step.where} of={step.event} label={text.where} set={(where) => put(place, { ...step, where })} />
              {steps.length > 2 && place > 0 ? (
                <button type="button" className="remove" aria-label={text.removeStep} title={text.removeStep} onClick={() => set({ ...value, steps: steps.filter((_, other) => other !== place) })}>
                  {'×'}
                </button>
              ) : null}
            </div>
          </li>
        ))}
      </ol>
      <Button size="compact-xs" variant="subtle" onClick={() => set({ ...value, steps: [...steps, { event: '' }] })}>
        {text.addStep}
      </Button>
    </div>
  );
}

/** Where the names are known by which messages are told apart. */
const KINDS: Record<string, string> = { template: 'template', campaign: 'campaign', journey: 'journey' };

/** What became of messages. */
export function MessagesBlock({ value, set }: Block<{ of: Messages; is: Bound }>) {
  const text = useText();
  const words = text.segments.builder;
  const { of } = value;
  const filters = of.filters ?? {};
  const put = (next: Record<string, string>) => set({ ...value, of: { ...of, filters: next } });
  const left = MESSAGE_FILTERS.filter((one) => !(one in filters));
  return (
    <div className="leaf-fields">
      <span className="lead">{words.leads.messages}</span>
      <Choice label={words.became} value={of.state} set={(state) => set({ ...value, of: { ...of, state } })} words={STATES.map((one) => [one, words.states[one] ?? one])} />
      <BoundFields value={value.is} set={(is) => set({ ...value, is })} />
      <WindowField value={of.window ?? 'all'} set={(window) => set({ ...value, of: { ...of, window } })} />
      {Object.entries(filters).map(([filter, wanted]) => (
        <div key={filter} className="told-apart">
          <span className="lead">{words.filters[filter] ?? filter}</span>
          {filter === 'channel' ? (
            <Choice label={words.filters.channel ?? ''} value={wanted} set={(next) => put({ ...filters, channel: next })} words={CHANNELS.map((one) => [one, text.messages.channels[one] ?? one])} />
          ) : filter === 'reason' ? (
            <Choice label={words.filters.reason ?? ''} value={wanted} set={(next) => put({ ...filters, reason: next })} words={[...new Set([wanted, ...Object.keys(text.reasons)])].map((one) => [one, text.reasons[one] ?? one])} />
          ) : (
            <Name kind={KINDS[filter] ?? filter} label={words.filters[filter] ?? filter} value={wanted} set={(next) => put({ ...filters, [filter]: next })} />
          )}
          <button type="button" className="remove" aria-label={words.removeFilter} title={words.removeFilter} onClick={() => put(Object.fromEntries(Object.entries(filters).filter(([name]) => name !== filter)))}>
            {'×'}
          </button>
        </div>
      ))}
      {left.length > 0 ? <Choice label={words.onlyOf} value="" set={(filter) => put({ ...filters, [filter]: filter === 'channel' ? 'email' : filter === 'reason' ? 'no-consent' : '' })} words={[['', words.onlyOf], ...left.map((one): [string, string] => [one, words.filters[one] ?? one])]} /> : null}
    </div>
  );
}
