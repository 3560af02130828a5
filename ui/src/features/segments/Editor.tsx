import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Editor } from '@/kit/editor';
import { Loaded } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { href, useGo, useQuestion } from '@/kit/To';
import { useUnsaved } from '@/kit/unsaved';
import { useText } from '@/text';
import { Builder } from './Builder';
import { offersFor } from './completion';
import { Dependents } from './Detail';
import { EstimatePanel } from './EstimatePanel';
import { marksOf } from './faults';
import { begin, reduce, simplified, type Doc } from './model';
import { useDefinition, useEstimate, type Definition } from './queries';
import { Review } from './Review';

type Draft_ = { from: 'text'; text: string } | { from: 'builder'; doc: Doc };

export function SegmentNew() {
  return <Draft name="" definition={{ rule: '' }} />;
}

export function SegmentEdit() {
  const { name } = useParams({ strict: false }) as { name: string };
  const query = useDefinition(name);
  return <Loaded query={query}>{(definition) => <Draft key={name} name={name} definition={definition} />}</Loaded>;
}

/** One definition in two views: the text, and the tree that the server reads it as. */
function Draft({ name: published, definition }: { name: string; definition: Definition }) {
  const text = useText().segments;
  const go = useGo();
  const [question, change] = useQuestion();
  const [name, setName] = useState(published);
  const [description, setDescription] = useState(definition.description ?? '');
  // What was changed last is the draft; the other view shows what the server reads it as.
  const [draft, setDraft] = useState<Draft_>(() => (typeof definition.rule === 'string' ? { from: 'text', text: definition.rule } : { from: 'builder', doc: begin(definition.rule) }));
  const [begun] = useState(draft);
  const unsaved = useUnsaved(name !== published || description !== (definition.description ?? '') || (draft.from === 'text' && begun.from === 'text' ? draft.text !== begun.text : draft !== begun));
  const [reviewing, setReviewing] = useState(false);
  const building = question.view === 'builder';
  const tree = draft.from === 'builder' ? simplified(draft.doc.rule) : null;
  const wanted = draft.from === 'builder' ? (tree ? { json: tree } : null) : draft.text.trim() ? { text: draft.text } : null;
  const [asked] = useDebouncedValue(JSON.stringify(wanted), 250);
  const estimate = useEstimate(JSON.parse(asked) as typeof wanted);
  const answer = wanted ? estimate.data : undefined;
  const rule = draft.from === 'text' ? draft.text : (answer?.text ?? '');
  const doc = draft.from === 'builder' ? draft.doc : begin(answer?.json ?? null);
  const unread = draft.from === 'text' && draft.text.trim() !== '' && !answer?.json;
  const wantedDefinition: Definition = { ...(description ? { description } : {}), rule };
  const back = published ? href`/segments/${published}` : '/segments';
  return (
    <Page
      title={published ? text.editing(published) : text.newTitle}
      crumbs={[{ to: '/segments', words: text.title }, ...(published ? [{ to: back, words: published }] : [])]}
      actions={
        <>
          <Button variant="default" onClick={() => go(back)}>
            {text.cancel}
          </Button>
          <Button disabled={!name || !rule} onClick={() => setReviewing(true)}>
            {text.review}
          </Button>
        </>
      }
    >
      <div className="columns wide-first">
        <div>
          <Panel>
            <div className="stack">
              <div className="columns">
                <TextInput label={text.nameLabel} description={text.nameHint} required disabled={published !== ''} value={name} onChange={(event) => setName(event.currentTarget.value)} />
                <TextInput label={text.descriptionLabel} description={text.descriptionHint} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
              </div>
              <SegmentedControl
                aria-label={text.view} value={building ? 'builder' : 'text'} onChange={(view) => change({ view: view === 'builder' ? 'builder' : undefined })}
                data={[{ value: 'text', label: text.asText }, { value: 'builder', label: text.asBuilder, disabled: !building && unread }]}
              />
              {building && unread ? <p className="dim">{text.unread}</p> : null}
              {building ? (
                unread ? null : <Builder doc={doc} act={(action) => setDraft({ from: 'builder', doc: reduce(doc, action) })} />
              ) : (
                <Editor text={rule} language="rule" label={text.rule} hint={text.ruleHint} marks={marksOf(rule, answer?.diagnostics ?? [])} change={(typed) => setDraft({ from: 'text', text: typed })} complete={offersFor} />
              )}
            </div>
          </Panel>
        </div>
        <div>
          <EstimatePanel estimate={estimate} asked={wanted !== null} />
          {published ? <Dependents name={published} /> : null}
        </div>
      </div>
      {reviewing ? <Review name={name} definition={wantedDefinition} fresh={published === ''} close={() => setReviewing(false)} done={() => { unsaved.leave(); go(href`/segments/${name}`); }} /> : null}
      {unsaved.asks}
    </Page>
  );
}
