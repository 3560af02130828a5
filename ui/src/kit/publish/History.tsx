import { Button } from '@mantine/core';
import { useState } from 'react';
import { NONE, useRevisions, type Named, type Revision } from '@/api/definitions';
import { useText } from '@/text';
import { Diff } from '../Diff';
import { useFormat } from '../format';
import { Loaded } from '../Loaded';
import { Panel, Tag } from '../Page';
import { useQuestion } from '../To';
import { Exactly } from '../values';
import { Review } from './Review';

/** Every revision, what each changed, and going back to one. */
export function History({ named, mayGoBack }: { named: Named; mayGoBack: boolean }) {
  const text = useText().kit.publish;
  const query = useRevisions(named);
  return (
    <Panel title={text.history} sub={text.historyWords} flush>
      <Loaded query={query} rows={4}>
        {({ items }) => <Revisions named={named} items={items} mayGoBack={mayGoBack} />}
      </Loaded>
    </Panel>
  );
}

function Revisions({ named, items, mayGoBack }: { named: Named; items: Revision[]; mayGoBack: boolean }) {
  const text = useText().kit.publish;
  const format = useFormat();
  const [question, change] = useQuestion();
  const [going, setGoing] = useState<Revision | null>(null);
  const shown = items.find((one) => String(one.revision) === question.revision) ?? items[0];
  const before = items.find((one) => one.revision < (shown?.revision ?? 0));
  return (
    <>
      <ol className="revisions">
        {items.map((one) => (
          <li key={one.revision} data-shown={one === shown ? '' : undefined}>
            <button type="button" aria-pressed={one === shown} onClick={() => change({ revision: String(one.revision) })}>
              <strong>{text.revision(format.number(one.revision))}</strong>
              <span className="dim small">
                <Exactly at={one.at} />
              </span>
            </button>
            {one.in_force ? (
              <Tag tone="good">{text.inForce}</Tag>
            ) : mayGoBack ? (
              <Button size="compact-sm" variant="default" onClick={() => setGoing(one)} aria-label={text.goBackTo(format.number(one.revision))}>
                {text.goBack}
              </Button>
            ) : null}
          </li>
        ))}
      </ol>
      {shown ? (
        <div className="pad stack">
          <p className="dim small">{before ? text.changed(format.number(before.revision), format.number(shown.revision)) : text.first}</p>
          <Diff before={before?.definition ?? null} after={shown.definition} label={text.diff} />
        </div>
      ) : null}
      {going ? (
        <Review
          named={named} document={going.definition} from={items.find((one) => one.in_force)?.revision ?? NONE} title={text.goBackTo(format.number(going.revision))} verb={text.goBack}
          consequences={[text.goBackWords(format.number(going.revision), format.number((items[0]?.revision ?? 0) + 1))]}
          close={() => setGoing(null)}
          done={() => {
            setGoing(null);
            change({ revision: undefined });
          }}
        />
      ) : null}
    </>
  );
}
