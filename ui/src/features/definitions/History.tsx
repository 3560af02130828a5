import { Button } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useMember } from '@/api/session';
import { Page } from '@/kit/Page';
import { History } from '@/kit/publish/History';
import { href, useGo } from '@/kit/To';
import { useText } from '@/text';
import { homeOf, OWN_PAGES, SETTINGS } from './kinds';

/** What a definition was, and going back to it. */
export function DefinitionHistory() {
  const { folder, name } = useParams({ strict: false }) as { folder: string; name: string };
  const text = useText();
  const go = useGo();
  const role = useMember().role;
  const mayEdit = role === 'owner' || (role === 'editor' && !SETTINGS.has(folder));
  const edit = OWN_PAGES[folder]?.edit(name) ?? href`/definitions/${folder}/${name}`;
  return (
    <Page
      title={text.definitions.historyOf(name)} crumbs={[{ to: homeOf(folder), words: text.definitions.kinds[folder] ?? folder }, { to: homeOf(folder, name).startsWith('/settings') ? href`/definitions/${folder}/${name}` : homeOf(folder, name), words: name }]}
      actions={mayEdit ? <Button variant="default" onClick={() => go(edit)}>{text.kit.publish.edit}</Button> : null}
    >
      <History named={{ folder, name }} mayGoBack={mayEdit} />
    </Page>
  );
}
