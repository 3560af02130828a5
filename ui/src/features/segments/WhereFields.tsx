import { Button, SegmentedControl } from '@mantine/core';
import { useText } from '@/text';
import { Name } from './Fields';
import { FILTERS, kindOf, partOf, type Filter, type Test } from './shapes';
import { TestFields } from './TestFields';

interface Property { path: string; is: Test }

const isGroup = (filter: Filter) => 'and' in filter || 'or' in filter;
const childrenOf = (filter: Filter) => partOf<Filter[]>(filter);

/** What must be true of the properties of an event, or of the elements of an array; nothing, if there is no filter. */
export function WhereFields({ filter, of, label, set }: { filter: Filter | null | undefined; of?: string; label: string; set: (filter: Filter | null) => void }) {
  const text = useText().segments.builder;
  if (!filter) {
    return (
      <Button size="compact-xs" variant="subtle" onClick={() => set(FILTERS.property!())}>
        {text.onlyThose}
      </Button>
    );
  }
  return (
    <fieldset className="where">
      <legend>{label}</legend>
      <Node filter={filter} of={of} set={set} />
      {isGroup(filter) ? null : <Add add={(fresh) => set({ and: [filter, fresh] })} />}
    </fieldset>
  );
}

function Add({ add }: { add: (filter: Filter) => void }) {
  const text = useText().segments.builder;
  return (
    <Button size="compact-xs" variant="subtle" onClick={() => add(FILTERS.property!())}>
      {text.addProperty}
    </Button>
  );
}

interface NodeProps {
  filter: Filter;
  of: string | undefined;
  set: (filter: Filter | null) => void;
}

function Node({ filter, of, set }: NodeProps) {
  const text = useText().segments.builder;
  const negated = 'not' in filter;
  const inner = negated ? partOf<Filter>(filter) : filter;
  const put = (next: Filter | null) => set(next && negated ? { not: next } : next);
  return (
    <div className="node">
      <Button size="compact-xs" variant={negated ? 'filled' : 'default'} aria-pressed={negated} onClick={() => set(negated ? inner : { not: filter })}>
        {text.not}
      </Button>
      {isGroup(inner) ? <Group filter={inner} of={of} set={put} /> : 'not' in inner ? <Node filter={inner} of={of} set={put} /> : <PropertyFields value={partOf<Property>(inner)} of={of} set={(next) => put({ property: next })} />}
      <button type="button" className="remove" aria-label={text.removeProperty} title={text.removeProperty} onClick={() => set(null)}>
        {'×'}
      </button>
    </div>
  );
}

function Group({ filter, of, set }: NodeProps) {
  const text = useText().segments.builder;
  const by = kindOf(filter);
  const children = childrenOf(filter);
  // Of one there is no group, and of none there is nothing.
  const put = (next: Filter[]) => set(next.length > 1 ? { [by]: next } : (next[0] ?? null));
  return (
    <div className="where-group">
      <SegmentedControl size="xs" aria-label={text.join} value={by} onChange={(next) => set({ [next]: children })} data={[{ value: 'and', label: text.all }, { value: 'or', label: text.any }]} />
      {children.map((child, place) => (
        <Node key={place} filter={child} of={of} set={(next) => put(next === null ? children.filter((_, other) => other !== place) : children.map((one, other) => (other === place ? next : one)))} />
      ))}
      <Add add={(fresh) => set({ [by]: [...children, fresh] })} />
    </div>
  );
}

function PropertyFields({ value, of, set }: { value: Property; of: string | undefined; set: (value: Property) => void }) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <Name kind="property" {...(of ? { of } : {})} label={text.property} value={value.path} set={(path) => set({ ...value, path })} />
      <TestFields value={value.is} set={(is) => set({ ...value, is })} />
    </div>
  );
}
