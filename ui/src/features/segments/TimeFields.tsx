import { useText } from '@/text';
import { Choice, Day, Number_, Text, Typed } from './Fields';
import { DATES, kindOf, MOMENTS, partOf, readSpan, UNITS, WINDOWS, writeSpan, type DateTest, type Moment, type Tagged, type Units, type Window } from './shapes';

/** When something must have happened. */
export function WindowField({ value, set }: { value: Window; set: (window: Window) => void }) {
  const text = useText().segments.builder;
  const kind = kindOf(value);
  // The units of the calendar that now lies in are choices of their own: "this week".
  const chosen = kind === 'this' ? `this ${partOf<string>(value)}` : kind;
  const choose = (next: string) => (next.startsWith('this ') ? set({ this: next.slice('this '.length) }) : set(WINDOWS[next]!()));
  return (
    <>
      <Choice
        label={text.window} value={chosen} set={choose}
        words={Object.keys(WINDOWS).flatMap((one): [string, string][] => (one === 'this' ? UNITS.map((unit) => [`this ${unit}`, text.units[unit]]) : [[one, text.windows[one] ?? one]]))}
      />
      {kind === 'last' ? <Text narrow label={text.span} value={partOf<string>(value)} set={(last) => set({ last })} /> : null}
      {kind === 'past' ? <UnitsFields value={partOf<Units>(value)} set={(past) => set({ past })} /> : null}
      {kind === 'since' ? <Day label={text.day} value={partOf<string>(value)} set={(since) => set({ since })} /> : null}
      {kind === 'between' ? <Between value={partOf<[string, string]>(value)} set={(between) => set({ between })} /> : null}
    </>
  );
}

function Between({ value: [from, to], set }: { value: [string, string]; set: (value: [string, string]) => void }) {
  const text = useText().segments.builder;
  return (
    <>
      <Day label={text.fromDay} value={from} set={(next) => set([next, to])} />
      <span className="lead">{text.until}</span>
      <Day label={text.toDay} value={to} set={(next) => set([from, next])} />
    </>
  );
}

function UnitsFields({ value, set }: { value: Units; set: (value: Units) => void }) {
  const text = useText().segments.builder;
  return (
    <>
      <Number_ label={text.howMany} value={value.count} set={(count) => set({ ...value, count })} />
      <Choice narrow label={text.unit} value={value.unit} set={(unit) => set({ ...value, unit })} words={UNITS.map((unit) => [unit, text.unitNames[unit]])} />
    </>
  );
}

/** A test with a span of either kind: the kind follows from how the span is written. */
function SpanField({ value, name, set }: { value: Tagged; name: string; set: (value: Tagged) => void }) {
  const text = useText().segments.builder;
  return <Typed narrow label={text.span} value={partOf<string | Units>(value)} read={(typed) => readSpan(typed, text.unitWords)} write={(span) => writeSpan(span, text.unitWords)} set={(next) => set({ [typeof next === 'string' ? name : `${name}-units`]: next })} />;
}

const plain = (kind: string) => kind.replace(/-units$/, '');

/** Tests of a date, by the words that are chosen; a span by the calendar is the same test. */
export const DATE_TESTS = Object.keys(DATES).filter((kind) => kind === plain(kind));

/** Which of them a test is. */
export const dateTestOf = (value: DateTest): string => plain(kindOf(value));

/** What a test of a date needs besides. */
export function DateFields({ value, set }: { value: DateTest; set: (value: DateTest) => void }) {
  const kind = dateTestOf(value);
  if (kind === 'before' || kind === 'after') return <MomentFields value={partOf<Moment>(value)} set={(moment) => set({ [kind]: moment })} />;
  return <SpanField value={value} name={kind} set={(next) => set(next as DateTest)} />;
}

function MomentFields({ value, set }: { value: Moment; set: (value: Moment) => void }) {
  const text = useText().segments.builder;
  const kind = plain(kindOf(value));
  return (
    <>
      <Choice label={text.moment} value={kind} set={(next) => set(MOMENTS[next]!())} words={Object.keys(MOMENTS).filter((one) => one === plain(one)).map((one) => [one, text.moments[one] ?? one])} />
      {kind === 'at' ? <Day label={text.day} value={partOf<string>(value)} set={(at) => set({ at })} /> : null}
      {kind === 'ago' || kind === 'ahead' ? <SpanField value={value} name={kind} set={set} /> : null}
    </>
  );
}
