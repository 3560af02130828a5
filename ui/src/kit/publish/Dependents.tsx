import { homeOfKind } from '@/api/definitions';
import type { components } from '@/api/schema';
import { useText } from '@/text';
import { Loaded, type Query } from '../Loaded';
import { Panel } from '../Page';
import { To } from '../To';

type Used = components['schemas']['DependentList'];

/** The definitions that name one, each with where it names it. */
export function Dependents({ query, title, sub, none }: { query: Query<Used>; title: string; sub: string; none: string }) {
  const { ones } = useText().definitions;
  return (
    <Panel title={title} sub={sub} flush>
      <div className="pad">
        <Loaded query={query} rows={2}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="dim">{none}</p>
            ) : (
              <ul className="stack">
                {items.map((item) => (
                  <li key={`${item.kind}/${item.name}/${item.how}`}>
                    <To to={homeOfKind(item.folder, item.name)}>{item.name}</To>
                    <span className="dim small"> · {ones[item.folder] ?? item.kind} · <code>{item.how}</code></span>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </Panel>
  );
}
