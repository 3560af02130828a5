import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { NONE, useKnown, usePlanned, useWays, type Named } from '@/api/definitions';
import { useMember } from '@/api/session';
import { byField, type Document } from '@/kit/form/document';
import { Fields } from '@/kit/form/Fields';
import type { Field } from '@/kit/form/fields';
import { Page, Panel } from '@/kit/Page';
import { CheckPanel } from '@/kit/publish/CheckPanel';
import { Ahead, Drafting, type Begun } from '@/kit/publish/Drafting';
import { Review } from '@/kit/publish/Review';
import { href, To, useGo, useQuestion } from '@/kit/To';
import { Remove } from '@/kit/publish/Remove';
import { useUnsaved } from '@/kit/unsaved';
import { useText } from '@/text';
import { FORMS, homeOf, ONLY, SETTINGS, STARTS } from './kinds';
import { readYaml, writeYaml } from '@/kit/editor/yaml';
import { ProviderFields } from './ProviderFields';
import { TextView } from './TextView';
import { fieldsOf, SHOWN, wayOf } from './ways';

export function DefinitionNew() {
  const { folder } = useParams({ strict: false }) as { folder: string };
  return <Draft key={folder} folder={folder} begun={null} name={ONLY[folder] ?? ''} />;
}

export function DefinitionEdit() {
  const { folder, name } = useParams({ strict: false }) as { folder: string; name: string };
  return <Drafting named={{ folder, name }}>{(begun) => <Draft folder={folder} name={name} begun={begun} />}</Drafting>;
}

/** The text is the draft, and the form writes into it: so what one view does not show is never lost. */
function Draft({ folder, name: given, begun: from }: { folder: string; name: string; begun: Begun | null }) {
  const published = from?.published?.definition ?? null;
  const revision = from?.revision ?? NONE;
  const text = useText();
  const own = text.definitions;
  const go = useGo();
  const [question, change] = useQuestion();
  const owner = useMember().role === 'owner';
  const mayEdit = useMember().role !== 'viewer' && (owner || !SETTINGS.has(folder));
  const [name, setName] = useState(given);
  const [begun] = useState(() => writeYaml(published ?? STARTS[folder] ?? {}));
  const [draft, setDraft] = useState(begun);
  const changed = draft !== begun || name !== given;
  const unsaved = useUnsaved(mayEdit && changed);
  const [reviewing, setReviewing] = useState(false);
  // Fields with rows of their own keep what is half typed: another document gives them a new life.
  const [life, setLife] = useState(0);
  const read = useMemo(() => readYaml(draft), [draft]);
  const form = FORMS[folder];
  const formed = form !== undefined && question.view !== 'text';
  const named: Named = { folder, name };
  const plan = usePlanned(named, read.document);
  const fresh = published === null;
  const fields: readonly Field[] = form ?? [];
  const isProvider = folder === 'providers';
  const ways = useWays(isProvider).data ?? [];
  const way = isProvider ? wayOf(read.document ?? {}, ways) : '';
  const inner = useKnown('providers', [way], way !== '');
  const places = [...fields.map((field) => field.at), ...(isProvider ? [...SHOWN, ...fieldsOf(way, inner.data ?? []).map((field) => field.at)] : [])];
  const faults = byField(plan.faults, plan.prefix, formed ? places : []);
  const back = homeOf(folder, fresh ? undefined : name);
  const set = (document: Document) => setDraft(writeYaml(document));
  const title = own.kinds[folder] ?? folder;
  return (
    <Page
      title={fresh ? own.newOf(own.ones[folder] ?? folder) : name}
      crumbs={[{ to: homeOf(folder), words: title }]}
      sub={mayEdit ? (own.about[folder] ?? null) : text.kit.publish.onlyOwners}
      actions={
        <>
          {fresh ? null : (
            <Button variant="default" onClick={() => go(href`/definitions/${folder}/${name}/history`)}>
              {text.kit.publish.history}
            </Button>
          )}
          {fresh || !mayEdit ? null : <Remove named={{ folder, name: given }} done={() => { unsaved.leave(); go(homeOf(folder)); }} />}
          <Button variant="default" onClick={() => go(back)}>
            {text.kit.cancel}
          </Button>
          {mayEdit ? (
            <Button disabled={!name || !read.document} onClick={() => setReviewing(true)}>
              {text.kit.publish.review}
            </Button>
          ) : null}
        </>
      }
    >
      {from ? <Ahead named={named} begun={from} changed={changed} quiet={reviewing} /> : null}
      <div className="columns wide-first">
        <Panel>
          <div className="stack">
            {fresh && !ONLY[folder] ? <TextInput label={own.name} description={own.nameHint} required value={name} onChange={(event) => setName(event.currentTarget.value)} autoFocus /> : null}
            {form ? (
              <SegmentedControl
                aria-label={own.view} value={formed ? 'form' : 'text'} data={[{ value: 'form', label: own.asForm, disabled: !read.document }, { value: 'text', label: own.asText }]}
                onChange={(view) => {
                  setLife(life + 1);
                  change({ view: view === 'text' ? 'text' : undefined });
                }}
              />
            ) : null}
            {formed && read.document ? (
              isProvider ? (
                <ProviderFields key={life} document={read.document} set={set} faults={faults} disabled={!mayEdit} />
              ) : (
                <Fields key={life} fields={fields} document={read.document} set={set} faults={faults} words={folder} disabled={!mayEdit} />
              )
            ) : (
              <TextView folder={folder} text={draft} set={setDraft} read={read} plan={plan} readOnly={!mayEdit} />
            )}
          </div>
        </Panel>
        <div>
          <CheckPanel plan={plan} elsewhere={faults[''] ?? []} asked={name !== ''} />
          {formed ? <Beyond folder={folder} shown={isProvider ? [...SHOWN, ...ways] : fields.map((field) => field.at)} document={read.document} /> : null}
          {revision ? <p className="dim small">{own.revisionNow(revision)} · <To to={href`/definitions/${folder}/${name}/history`}>{text.kit.publish.history}</To></p> : null}
        </div>
      </div>
      {reviewing && read.document ? <Review named={named} document={read.document} from={revision} close={() => setReviewing(false)} done={() => { unsaved.leave(); go(homeOf(folder, name)); }} /> : null}
      {unsaved.asks}
    </Page>
  );
}

/** Fields that the server knows and the form has not: they are written in the text. */
function Beyond({ folder, shown, document }: { folder: string; shown: readonly string[]; document: Document | null }) {
  const own = useText().definitions;
  const known = useKnown(folder, []);
  const formed = new Set(shown.map((at) => at.split('.')[0]));
  const rest = (known.data ?? []).filter((name) => !formed.has(name));
  if (rest.length === 0) return null;
  const set = new Set(Object.keys(document ?? {}));
  return (
    <Panel title={own.beyond} sub={own.beyondWords}>
      <ul className="row">
        {rest.map((name) => (
          <li key={name}>
            <code className={set.has(name) ? '' : 'dim'}>{name}</code>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
