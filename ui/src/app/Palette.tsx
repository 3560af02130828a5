import { Modal } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useRead } from '@/api/queries';
import type { Definitions } from '@/api/shapes';
import { useMember } from '@/api/session';
import { useGo } from '@/kit/To';
import { useText } from '@/text';
import { find, type Entry } from './finding';
import { ACTIONS, PLACES } from './places';

const PASSWORD = 'password';
// Limit: entries that are drawn; who wants another types more.
const SHOWN_MAX = 60;
const OF_KIND = ['segments', 'lists', 'campaigns', 'journeys', 'templates', 'sources'] as const;

/** Everything that has a name, by a few of its letters. */
export function Palette({ close, help, password }: { close: () => void; help: () => void; password: () => void }) {
  const text = useText().shell;
  const go = useGo();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const definitions = useRead<Definitions>('/v1/definitions', {}, { staleTime: 30_000 });
  const entries: Entry[] = PLACES.map((place) => ({ key: place.to, words: text.places[place.name], kind: text.palette.place, to: place.to }));
  const { role } = useMember();
  for (const { to, name, need } of ACTIONS) {
    if (need === 'read' || role === 'owner' || (need === 'edit' && role === 'editor')) entries.push({ key: to, words: text.palette.actions[name], kind: text.palette.action, to });
  }
  if (role !== 'viewer') entries.push({ key: 'password', words: text.password.open, kind: text.palette.action, to: PASSWORD });
  for (const kind of OF_KIND) {
    for (const name of Object.keys(definitions.data?.definitions[kind] ?? {})) {
      entries.push({ key: `${kind}/${name}`, words: name, kind: text.places[kind], to: `/${kind}/${encodeURIComponent(name)}` });
    }
  }
  const found = find(entries, typed);
  const asked = typed.trim();
  // Somebody's name or a message's id is looked up by the server: nothing here knows them.
  if (asked.startsWith('msg_')) found.unshift({ key: 'msg', words: asked, kind: text.palette.message, to: `/messages/${encodeURIComponent(asked)}` });
  else if (asked.length > 1) found.push({ key: 'who', words: text.palette.findProfile(asked), kind: text.palette.search, to: `/profiles?q=${encodeURIComponent(asked)}` });
  for (const [folder, named] of Object.entries(asked ? (definitions.data?.definitions ?? {}) : {})) {
    // What has a room of its own is found above; all other kinds open in their editor.
    if ((OF_KIND as readonly string[]).includes(folder)) continue;
    const more = Object.keys(named).map((name) => ({ key: `${folder}/${name}`, words: name, kind: text.palette.definition, to: `/definitions/${folder}/${encodeURIComponent(name)}` }));
    found.push(...find(more, typed));
  }
  found.push({ key: 'help', words: text.palette.keyboard, kind: text.palette.action, to: '' });
  // What is chosen is one of those that are seen.
  const shown = found.length > SHOWN_MAX ? [...found.slice(0, SHOWN_MAX - 1), ...found.slice(-1)] : found;
  const chosen = Math.min(at, shown.length - 1);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen, typed]);
  const open = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    if (entry.to === PASSWORD) password();
    else if (entry.to) go(entry.to);
    else help();
  };
  return (
    <Modal opened onClose={close} withCloseButton={false} padding={0} size="lg" yOffset="12vh" title={text.palette.title} classNames={{ header: 'sr' }}>
      <div className="palette">
        <input
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, shown.length - 1));
            else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
            else if (event.key === 'Enter') open(shown[chosen]);
            else return;
            event.preventDefault();
          }}
          placeholder={text.palette.placeholder}
          aria-label={text.palette.title}
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={shown[chosen] ? `palette-${chosen}` : undefined}
          autoFocus
          data-autofocus
        />
        <ul ref={list} role="listbox" id="palette-list" aria-label={text.palette.title}>
          {shown.map((entry, place) => (
            <li key={entry.key} id={`palette-${place}`} role="option" aria-selected={place === chosen} onClick={() => open(entry)} onMouseMove={() => setAt(place)}>
              <span className="break">{entry.words}</span>
              <span className="kind">{entry.kind}</span>
            </li>
          ))}
        </ul>
      </div>
    </Modal>
  );
}
