import { To } from '@/kit/To';
import { useText } from '@/text';

/** The sides of what comes in: what came, what could not be decided, what was learned. */
export function Rooms({ at }: { at: 'live' | 'quarantine' | 'schemas' }) {
  const text = useText().events;
  const rooms = [['live', '/events'], ['quarantine', '/events/quarantine'], ['schemas', '/events/schemas']] as const;
  return (
    <nav className="tabs" aria-label={text.rooms.label}>
      {rooms.map(([key, to]) => (
        <To key={key} to={to} current={at === key}>
          {text.rooms[key]}
        </To>
      ))}
    </nav>
  );
}
