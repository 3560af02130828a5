import { Button, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { NONE, useDefinitions, usePlanned } from '@/api/definitions';
import { questionOf, useReach } from '@/api/reach';
import { useMayEdit } from '@/api/session';
import { useFormat } from '@/kit/format';
import { byField, setAt, type Document } from '@/kit/form/document';
import { Fields } from '@/kit/form/Fields';
import type { Field } from '@/kit/form/fields';
import { Failed } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { CheckPanel } from '@/kit/publish/CheckPanel';
import { Ahead, Drafting, type Begun } from '@/kit/publish/Drafting';
import { Review } from '@/kit/publish/Review';
import { href, To, useGo } from '@/kit/To';
import { useUnsaved } from '@/kit/unsaved';
import { useText } from '@/text';
import { consequencesOf, OutlookPanel } from './Outlook';
import { useOutlookOf } from './queries';

const FIELDS: readonly Field[] = [
  { at: 'audience', as: 'names', of: 'segments', required: true }, { at: 'exclude', as: 'names', of: 'segments' },
  { at: 'template', as: 'name', of: 'templates', required: true }, { at: 'at', as: 'instant', half: true }, { at: 'per-minute', as: 'number', half: true },
  { at: 'monthly', as: 'flag', fallback: false },
];

export function CampaignNew() {
  return <Draft name="" begun={null} />;
}

export function CampaignEdit() {
  const { name } = useParams({ strict: false }) as { name: string };
  return <Drafting named={{ folder: 'campaigns', name }}>{(begun) => <Draft name={name} begun={begun} />}</Drafting>;
}

/** Who, without whom, what, when and how fast; with how many that are, while it is written. */
function Draft({ name: given, begun: from }: { name: string; begun: Begun | null }) {
  const published = from?.published?.definition ?? null;
  const text = useText();
  const own = text.campaigns;
  const go = useGo();
  const mayEdit = useMayEdit();
  const definitions = useDefinitions();
  const [name, setName] = useState(given);
  const [begun] = useState<Document>(published ?? { audience: [], template: '' });
  const [document, setDocument] = useState(begun);
  const changed = name !== given || JSON.stringify(document) !== JSON.stringify(begun);
  const unsaved = useUnsaved(mayEdit && changed);
  const [reviewing, setReviewing] = useState(false);
  const named = { folder: 'campaigns', name };
  const plan = usePlanned(named, document);
  const faults = byField(plan.faults, plan.prefix, FIELDS.map((field) => field.at));
  const template = definitions.data?.definitions.templates?.[String(document.template)]?.definition;
  const complete = ((document.audience as string[]) ?? []).length > 0 && template !== undefined;
  const outlook = useOutlookOf(complete ? document : null);
  const format = useFormat();
  const set = (next: Document) => {
    // A campaign travels as its template does.
    const channel = definitions.data?.definitions.templates?.[String(next.template)]?.definition.channel;
    setDocument(next.template === document.template || typeof channel !== 'string' ? next : setAt(next, 'channel', channel));
  };
  const fresh = published === null;
  const back = fresh ? '/campaigns' : href`/campaigns/${name}`;
  return (
    <Page
      title={fresh ? own.newTitle : own.editing(name)}
      crumbs={[{ to: '/campaigns', words: own.title }, ...(fresh ? [] : [{ to: back, words: name }])]}
      actions={
        <>
          {fresh ? null : <Button variant="default" onClick={() => go(href`/definitions/campaigns/${name}/history`)}>{text.kit.publish.history}</Button>}
          <Button variant="default" onClick={() => go(back)}>{text.kit.cancel}</Button>
          {mayEdit ? <Button disabled={!name} onClick={() => setReviewing(true)}>{text.kit.publish.review}</Button> : null}
        </>
      }
    >
      {from ? <Ahead named={named} begun={from} changed={changed} quiet={reviewing} /> : null}
      <div className="columns wide-first">
        <Panel>
          <div className="stack">
            {fresh ? <TextInput label={own.nameLabel} description={own.nameHint} required value={name} onChange={(event) => setName(event.currentTarget.value)} autoFocus /> : null}
            <Fields fields={FIELDS} document={document} set={set} faults={faults} words="campaigns" disabled={!mayEdit} />
            <p className="dim small">
              {own.noSegment} <To to="/segments/new">{own.makeSegment}</To> · {own.noTemplate} <To to="/templates/new">{own.makeTemplate}</To>
              {fresh ? null : <> · <To to={href`/definitions/campaigns/${name}?view=text`}>{text.definitions.asText}</To></>}
            </p>
          </div>
        </Panel>
        <div>
          <ReachPanel document={document} outlook={complete ? outlook : null} />
          <CheckPanel plan={plan} elsewhere={faults[''] ?? []} asked={name !== ''} />
        </div>
      </div>
      {reviewing ? (
        <Review
          named={named} document={document} from={from?.revision ?? NONE} close={() => setReviewing(false)} done={() => { unsaved.leave(); go(href`/campaigns/${name}`); }}
          consequences={[document.at ? (document.monthly ? own.willStartMonthly : own.willStart) : own.willWait, ...(document.at && complete && outlook.settled ? [own.ifNow, ...consequencesOf(outlook.settled, own, format)] : [])]}
        />
      ) : null}
      {unsaved.asks}
    </Page>
  );
}

/** How many people it is for, and what would become of each of them now. */
function ReachPanel({ document, outlook }: { document: Document; outlook: ReturnType<typeof useOutlookOf> | null }) {
  const own = useText().campaigns;
  const format = useFormat();
  const inside = (document.audience as string[]) ?? [];
  const outside = (document.exclude as string[]) ?? [];
  const audience = useReach(inside.length > 0 && !outlook ? questionOf(inside, outside) : '');
  if (outlook) return <OutlookPanel query={outlook} />;
  const count = audience.data?.count;
  const shown = count === null || count === undefined ? '–' : format.number(count);
  return (
    <Panel title={own.outlook} sub={own.outlookWords}>
      <div className="stack" aria-live="polite" data-testid="outlook">
        {inside.length === 0 ? <p className="dim">{own.reachAsk}</p> : null}
        {inside.length > 0 && audience.error ? <Failed error={audience.error} /> : null}
        {inside.length > 0 && !audience.error ? (
          <>
            <p><strong className="num">{audience.data?.exact === false ? own.about(shown) : shown}</strong> {own.inAudience}</p>
            <p className="dim">{own.reachTemplate}</p>
          </>
        ) : null}
      </div>
    </Panel>
  );
}
