import { useText } from '@/text';
import { BoundFields, Choice, Number_, OpField, Text, Typed, Value } from './Fields';
import { ANNIVERSARIES, DATES, IGNORED, kindOf, literalsOf, OPS, partOf, TESTS, typedAll, type Bound, type DateTest, type Filter, type Literal, type Op, type Tagged, type Test } from './shapes';
import { DATE_TESTS, DateFields, dateTestOf } from './TimeFields';
import { WhereFields } from './WhereFields';

interface Compare { op: Op; to: Literal }
interface Ignoring { what: string; test: Test }

/** Tests that are looked past capitals and accents with. */
const OF_TEXTS = new Set(['compare', 'contains', 'starts-with', 'ends-with', 'in', 'not-in']);
/** Tests whose words are chosen as they are; the others have words of their own. */
const WORDS = Object.keys(TESTS).filter((kind) => kind !== 'compare' && kind !== 'date' && kind !== 'ignoring');

/** By which choice a test is shown. */
function chosenOf(test: Test): string {
  const kind = kindOf(test);
  if (kind === 'compare') return partOf<Compare>(test).op;
  return kind === 'date' ? dateTestOf(partOf<DateTest>(test)) : kind;
}

/** The test of a choice; what was compared with stays where it can. */
function chosenAs(choice: string, before: Test): Test {
  if (OPS.includes(choice as Op)) return { compare: { op: choice, to: kindOf(before) === 'compare' ? partOf<Compare>(before).to : '' } };
  if (choice in DATES) return { date: DATES[choice]!() };
  return TESTS[choice]!();
}

/** What must be true of a value. */
export function TestFields({ value, set }: { value: Test; set: (value: Test) => void }) {
  const text = useText().segments.builder;
  const ignoring = kindOf(value) === 'ignoring' ? partOf<Ignoring>(value) : null;
  const test = ignoring?.test ?? value;
  const put = (next: Test) => set(ignoring && OF_TEXTS.has(kindOf(next)) ? { ignoring: { ...ignoring, test: next } } : next);
  const past = (what: string) => set(what === '' ? test : { ignoring: { what, test } });
  return (
    <>
      <Choice
        label={text.relation} value={chosenOf(test)} set={(choice) => put(chosenAs(choice, test))}
        words={[...OPS.map((op): [string, string] => [op, text.ops[op] ?? op]), ...[...WORDS, ...DATE_TESTS].map((one): [string, string] => [one, text.tests[one] ?? one])]}
      />
      <Of test={test} set={put} />
      {OF_TEXTS.has(kindOf(test)) && (ignoring || isText(test)) ? (
        <Choice label={text.capitals} value={ignoring?.what ?? ''} set={past} words={[['', text.exactly], ...IGNORED.map((one): [string, string] => [one, text.ignored[one] ?? one])]} />
      ) : null}
    </>
  );
}

/** Whether a test is about a text: only those are looked past anything with. */
function isText(test: Test): boolean {
  const part = partOf<unknown>(test);
  const to = kindOf(test) === 'compare' ? (part as Compare).to : part;
  return (Array.isArray(to) ? to : [to]).every((one) => typeof one === 'string');
}

/** The fields that a test has besides its words. */
function Of({ test, set }: { test: Test; set: (value: Test) => void }) {
  const text = useText().segments.builder;
  const kind = kindOf(test);
  const part = partOf<never>(test);
  switch (kind) {
    case 'compare':
      return <Value label={text.value} value={(part as Compare).to} set={(to) => set({ compare: { ...(part as Compare), to } })} />;
    case 'contains':
      return <Value label={text.value} value={part} set={(contains) => set({ contains })} />;
    case 'starts-with':
    case 'ends-with':
      return <Text label={text.value} value={part} set={(next) => set({ [kind]: next })} />;
    case 'in':
    case 'not-in':
      return <Typed<Literal[]> label={text.values} value={part} read={literalsOf} write={typedAll} set={(next) => set({ [kind]: next })} />;
    case 'date':
      return <DateFields value={part} set={(date) => set({ date })} />;
    case 'anniversary':
      return <AnniversaryFields value={part} set={(anniversary) => set({ anniversary })} />;
    case 'any':
    case 'all':
    case 'no':
      return <WhereFields filter={part as Filter} label={text.elements} set={(next) => set({ [kind]: next ?? (part as Filter) })} />;
    case 'size':
      return <BoundFields value={part as Bound} set={(size) => set({ size })} />;
    case 'version': {
      const { op, to } = part as { op: Op; to: string };
      return (
        <>
          <OpField value={op} set={(next) => set({ version: { op: next, to } })} />
          <Text narrow label={text.version} value={to} set={(next) => set({ version: { op, to: next } })} />
        </>
      );
    }
    case 'money': {
      const money = part as { op: Op; amount: number; currency: string };
      return (
        <>
          <OpField value={money.op} set={(op) => set({ money: { ...money, op } })} />
          <Number_ label={text.amount} value={money.amount} set={(amount) => set({ money: { ...money, amount } })} />
          <Text narrow label={text.currency} value={money.currency} set={(currency) => set({ money: { ...money, currency } })} />
        </>
      );
    }
    default:
      return null;
  }
}

function AnniversaryFields({ value, set }: { value: Tagged; set: (value: Tagged) => void }) {
  const text = useText().segments.builder;
  const kind = kindOf(value);
  return (
    <>
      <Choice label={text.when} value={kind} set={(next) => set(ANNIVERSARIES[next]!())} words={Object.keys(ANNIVERSARIES).map((one) => [one, text.anniversaries[one] ?? one])} />
      {kind === 'today' ? null : <Text narrow label={text.span} value={partOf<string>(value)} set={(span) => set({ [kind]: span })} />}
    </>
  );
}
