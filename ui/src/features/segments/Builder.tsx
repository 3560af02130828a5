import { Button, Menu, SegmentedControl } from '@mantine/core';
import { Fragment } from 'react';
import { IconPlus } from '@/kit/icons';
import { useText } from '@/text';
import { Leaf } from './Leaf';
import { childrenOf, isGroup, type Action, type Doc, type Place, type Rule } from './model';
import { LEAVES, OFFERED } from './shapes';
import './builder.css';

/** The rule as blocks: the same definition as the text. */
export function Builder({ doc, act }: { doc: Doc; act: (action: Action) => void }) {
  const text = useText().segments.builder;
  return (
    <div className="builder">
      <div className="row">
        <Button size="compact-sm" variant="subtle" disabled={doc.past.length === 0} onClick={() => act({ do: 'undo' })}>
          {text.undo}
        </Button>
        <Button size="compact-sm" variant="subtle" disabled={doc.future.length === 0} onClick={() => act({ do: 'redo' })}>
          {text.redo}
        </Button>
      </div>
      <Group rule={doc.rule} at={[]} act={act} />
    </div>
  );
}

function Group({ rule, at, act }: { rule: Rule; at: Place; act: (action: Action) => void }) {
  const text = useText().segments.builder;
  const children = childrenOf(rule);
  const by = 'or' in rule ? 'or' : 'and';
  return (
    <fieldset className="group">
      <legend className="sr">{by === 'and' ? text.all : text.any}</legend>
      <div className="row">
        <SegmentedControl
          size="xs" aria-label={text.join} value={by} onChange={(next) => act({ do: 'join', at, by: next as 'and' | 'or' })}
          data={[{ value: 'and', label: text.all }, { value: 'or', label: text.any }]}
        />
        {at.length > 0 ? <Remove act={() => act({ do: 'remove', at })} /> : null}
      </div>
      <ol>
        {children.map((child, place) => (
          <li key={place}>
            <Node rule={child} at={[...at, place]} act={act} />
          </li>
        ))}
      </ol>
      <Add add={(fresh) => act({ do: 'add', at, rule: fresh })} />
    </fieldset>
  );
}

function Node({ rule, at, act }: { rule: Rule; at: Place; act: (action: Action) => void }) {
  const text = useText().segments.builder;
  const negated = 'not' in rule;
  const inner = negated ? (rule as { not: Rule }).not : rule;
  const place = negated ? [...at, 0] : at;
  return (
    <div className="node">
      <Button size="compact-xs" variant={negated ? 'filled' : 'default'} aria-pressed={negated} onClick={() => act({ do: 'negate', at })}>
        {text.not}
      </Button>
      {isGroup(inner) ? (
        <Group rule={inner} at={place} act={act} />
      ) : (
        <>
          <Leaf rule={inner} set={(next) => act({ do: 'set', at: place, rule: next })} />
          <Remove act={() => act({ do: 'remove', at })} />
        </>
      )}
    </div>
  );
}

function Remove({ act }: { act: () => void }) {
  const text = useText().segments.builder;
  return (
    <button type="button" className="remove" aria-label={text.remove} title={text.remove} onClick={act}>
      {'×'}
    </button>
  );
}

function Add({ add }: { add: (rule: Rule) => void }) {
  const text = useText().segments.builder;
  return (
    <Menu position="bottom-start" closeOnItemClick>
      <Menu.Target>
        <Button size="compact-sm" variant="light" leftSection={<IconPlus />}>
          {text.add}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {OFFERED.map(([heading, kinds]) => (
          <Fragment key={heading}>
            <Menu.Label>{text.headings[heading]}</Menu.Label>
            {kinds.map((kind) => (
              <Menu.Item key={kind} onClick={() => add(LEAVES[kind])}>
                {text.starters[kind]}
              </Menu.Item>
            ))}
          </Fragment>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => add({ or: [] })}>{text.starterGroup}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
