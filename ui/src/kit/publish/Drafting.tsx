import { Button } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { NONE, useDefinition, type Document, type Named } from '@/api/definitions';
import type { Published } from '@/api/shapes';
import { useText } from '@/text';
import { useFormat } from '../format';
import { Loaded, Waiting } from '../Loaded';

/** What a draft was begun from, and how it is begun anew. */
export interface Begun {
  published: Published<Document> | null;
  revision: number;
  /** The revision in force now, where it is another one. */
  ahead: number | null;
  anew: () => void;
}

/**
 * Holds a draft to the revision from which it was begun. What others publish meanwhile is said, and
 * takes nothing away that was typed.
 */
export function Drafting({ named, children }: { named: Named; children: (begun: Begun) => ReactNode }) {
  const query = useDefinition(named);
  // What the cache remembers may be old: a draft is begun from what is in force.
  if (!query.isFetchedAfterMount && !query.error) return <Waiting rows={8} />;
  return <Loaded query={query} rows={8}>{({ published }) => <Held key={`${named.folder}/${named.name}`} published={published}>{children}</Held>}</Loaded>;
}

function Held({ published, children }: { published: Published<Document> | null; children: (begun: Begun) => ReactNode }) {
  const [held, setHeld] = useState({ published, life: 0, over: false });
  // Whoever begins anew means what is in force when it is drawn, and not when the wish was made.
  if (held.over) setHeld({ published, life: held.life + 1, over: false });
  const [now, revision] = [published?.revision ?? NONE, held.published?.revision ?? NONE];
  const anew = () => setHeld((before) => ({ ...before, over: true }));
  return <Life key={held.life}>{children({ published: held.published, revision, ahead: now === revision ? null : now, anew })}</Life>;
}

/** Everything in it begins anew with another key. */
function Life({ children }: { children: ReactNode }) {
  return children;
}

/**
 * Says that others published meanwhile. Where nothing was typed yet, the draft just follows. `quiet`
 * while a draft is being published: the review says it then, and what is published is one's own.
 */
export function Ahead({ named, begun, changed, quiet }: { named: Named; begun: Begun; changed: boolean; quiet: boolean }) {
  const text = useText().kit.publish;
  const format = useFormat();
  const { ahead, anew, revision } = begun;
  const follows = ahead !== null && !changed && !quiet;
  useEffect(() => {
    if (follows) anew();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `anew` is another function each time
  }, [follows]);
  if (ahead === null || follows || quiet) return null;
  return (
    <div className="notice" role="status" data-testid="ahead">
      <p>{ahead === NONE ? text.aheadRemoved : text.ahead(format.number(ahead), format.number(revision))}</p>
      <div className="row">
        <Theirs named={named} />
        <Button size="compact-sm" variant="default" onClick={anew}>{text.takeTheirs}</Button>
      </div>
    </div>
  );
}

/** Where what others published is compared, in a window of its own: what was typed here stays. */
export function Theirs({ named: { folder, name } }: { named: Named }) {
  const text = useText().kit.publish;
  return <a href={`/definitions/${encodeURIComponent(folder)}/${encodeURIComponent(name)}/history`} target="_blank" rel="noreferrer">{text.theirs}</a>;
}
