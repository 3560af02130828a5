import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { NONE } from '@/api/definitions';
import { useMayEdit } from '@/api/session';
import { Editor } from '@/kit/editor';
import { Waiting } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { Ahead, Drafting, type Begun } from '@/kit/publish/Drafting';
import { href, useGo, useQuestion } from '@/kit/To';
import { useUnsaved } from '@/kit/unsaved';
import { useText } from '@/text';
import { Builder } from './Builder';
import { offersFor } from './completion';
import { Dependents } from './Detail';
import { EstimatePanel } from './EstimatePanel';
import { marksOf } from './faults';
import { begin, reduce, simplified, type Doc } from './model';
import { useEstimate, type Definition } from './queries';
import { Review } from './Review';

type Draft_ = { from: 'text'; text: string } | { from: 'builder'; doc: Doc };

export function SegmentNew() {
  return <Draft name="" begun={null} />;
}

export function SegmentEdit() {
  const { name } = useParams({ strict: false }) as { name: string };
  return <Drafting named={{ folder: 'segments', name }}>{(begun) => <Draft name={name} begun={begun} />}</Drafting>;
}

/** One definition in two views: the text, and the tree that the server reads it as. */
function Draft({ name: published, begun: from }: { name: string; begun: Begun | null }) {
  const definition = (from?.published?.definition ?? { rule: '' }) as unknown as Definition;
  const { segments: text, faults, kit: { publish: { onlyEditors } } } = useText();
  const go = useGo();
  const [question, change] = useQuestion();
  const [name, setName] = useState(published);
  const [description, setDescription] = useState(definition.description ?? '');
  // What was changed last is the draft; the other view shows what the server reads it as.
  const [draft, setDraft] = useState<Draft_>(() => (typeof definition.rule === 'string' ? { from: 'text', text: definition.rule } : { from: 'builder', doc: begin(definition.rule) }));
  const [begun] = useState(draft);
  const changed = name !== published || description !== (definition.description ?? '') || (draft.from === 'text' && begun.from === 'text' ? draft.text !== begun.text : draft !== begun);
  const mayEdit = useMayEdit();
  const unsaved = useUnsaved(mayEdit && changed);
  const [reviewing, setReviewing] = useState(false);
  // The blocks are for writing: who may not write reads the text, which says the same.
  const building = mayEdit && question.view === 'builder';
  const tree = draft.from === 'builder' ? simplified(draft.doc.rule) : null;
  const wanted = draft.from === 'builder' ? (tree ? { json: tree } : null) : draft.text.trim() ? { text: draft.text } : null;
  const [asked] = useDebouncedValue(JSON.stringify(wanted), 250);
  const estimate = useEstimate(JSON.parse(asked) as typeof wanted);
  const answer = wanted ? estimate.data : undefined;
  // While the server reads what was changed last, its answer is about what was there before: nobody
  // may publish that, or go on from it.
  const settled = wanted === null || (asked === JSON.stringify(wanted) && !estimate.isPlaceholderData && !estimate.isPending);
  const rule = draft.from === 'text' ? draft.text : (answer?.text ?? '');
  const doc = draft.from === 'builder' ? draft.doc : begin(answer?.json ?? null);
  const reading = !settled && !estimate.error;
  const unread = draft.from === 'text' && draft.text.trim() !== '' && !answer?.json;
  const ready = name !== '' && rule !== '' && (draft.from === 'text' || (settled && wanted !== null));
  const document = { ...(from?.published?.definition ?? {}), rule, description: description || undefined };
  const back = published ? href`/segments/${published}` : '/segments';
  return (
    <Page
      title={!published ? text.newTitle : mayEdit ? text.editing(published) : published} sub={mayEdit ? null : onlyEditors}
      crumbs={[{ to: '/segments', words: text.title }, ...(published ? [{ to: back, words: published }] : [])]}
      actions={
        <>
          <Button variant="default" onClick={() => go(back)}>
            {text.cancel}
          </Button>
          {mayEdit ? <Button disabled={!ready} onClick={() => setReviewing(true)}>{text.review}</Button> : null}
        </>
      }
    >
      {from ? <Ahead named={{ folder: 'segments', name: published }} begun={from} changed={changed} quiet={reviewing} /> : null}
      <div className="columns wide-first">
        <div>
          <Panel>
            <div className="stack">
              <div className="columns">
                <TextInput label={text.nameLabel} description={text.nameHint} required={mayEdit} disabled={mayEdit && published !== ''} readOnly={!mayEdit} value={name} onChange={(event) => setName(event.currentTarget.value)} />
                <TextInput label={text.descriptionLabel} description={text.descriptionHint} readOnly={!mayEdit} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
              </div>
              {mayEdit ? <SegmentedControl
                aria-label={text.view} value={building ? 'builder' : 'text'} onChange={(view) => change({ view: view === 'builder' ? 'builder' : undefined })}
                data={[{ value: 'text', label: text.asText }, { value: 'builder', label: text.asBuilder, disabled: !building && unread }]}
              /> : null}
              {building && unread && !reading ? <p className="dim">{text.unread}</p> : null}
              {building ? (
                draft.from === 'text' && reading ? <Waiting rows={3} /> : unread ? null : <Builder doc={doc} act={(action) => setDraft({ from: 'builder', doc: reduce(doc, action) })} />
              ) : draft.from === 'builder' && reading ? (
                <Waiting rows={3} />
              ) : (
                <Editor text={rule} language="rule" label={text.rule} {...(mayEdit ? { hint: text.ruleHint } : { readOnly: true })} marks={marksOf(rule, answer?.diagnostics ?? [], faults)} change={(typed) => setDraft({ from: 'text', text: typed })} complete={offersFor} />
              )}
            </div>
          </Panel>
        </div>
        <div>
          <EstimatePanel estimate={estimate} asked={wanted !== null} />
          {published ? <Dependents name={published} /> : null}
        </div>
      </div>
      {reviewing ? <Review name={name} document={document} from={from?.revision ?? NONE} fresh={published === ''} close={() => setReviewing(false)} done={() => { unsaved.leave(); go(href`/segments/${name}`); }} /> : null}
      {unsaved.asks}
    </Page>
  );
}
