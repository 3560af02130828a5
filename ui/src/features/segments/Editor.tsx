import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useDebouncedValue } from '@mantine/hooks';
import { useReducer, useState } from 'react';
import { Editor } from '@/kit/editor';
import { Loaded } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { href, useGo, useQuestion } from '@/kit/To';
import { useText } from '@/text';
import { Builder } from './Builder';
import { offersFor } from './completion';
import { Dependents } from './Detail';
import { EstimatePanel } from './EstimatePanel';
import { marksOf } from './faults';
import { begin, reduce, simplified } from './model';
import { useDefinition, useEstimate, type Definition } from './queries';
import { Review } from './Review';

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
  const [rule, setRule] = useState(typeof definition.rule === 'string' ? definition.rule : '');
  const [doc, act] = useReducer(reduce, typeof definition.rule === 'string' ? null : definition.rule, begin);
  const [reviewing, setReviewing] = useState(false);
  // Which view was changed last: what the other one shows is what the server made of it.
  const building = question.view === 'builder';
  const tree = simplified(doc.rule);
  const wanted = building ? (tree ? { json: tree } : null) : rule.trim() ? { text: rule } : null;
  const [asked] = useDebouncedValue(JSON.stringify(wanted), 250);
  const estimate = useEstimate(JSON.parse(asked) as typeof wanted);
  const answer = wanted ? estimate.data : undefined;
  const swap = (view: string) => {
    if (view === 'builder') act({ do: 'load', rule: answer?.json ?? { and: [] } });
    else if (tree) setRule(answer?.text ?? rule);
    change({ view: view === 'builder' ? 'builder' : undefined });
  };
  const draft: Definition = { ...(description ? { description } : {}), rule: building ? (answer?.text ?? '') : rule };
  const back = published ? href`/segments/${published}` : '/segments';
  const faulty = (answer?.diagnostics ?? []).some((fault) => fault.severity !== 'warning');
  return (
    <Page
      title={published ? text.editing(published) : text.newTitle}
      crumbs={[{ to: '/segments', words: text.title }, ...(published ? [{ to: back, words: published }] : [])]}
      actions={
        <>
          <Button variant="default" onClick={() => go(back)}>
            {text.cancel}
          </Button>
          <Button disabled={!name || !draft.rule} onClick={() => setReviewing(true)}>
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
                aria-label={text.view} value={building ? 'builder' : 'text'} onChange={swap}
                data={[{ value: 'text', label: text.asText }, { value: 'builder', label: text.asBuilder, disabled: !building && rule.trim() !== '' && (!answer?.json || faulty) }]}
              />
              {building ? (
                <Builder doc={doc} act={act} />
              ) : (
                <Editor text={rule} language="rule" label={text.rule} hint={text.ruleHint} marks={marksOf(rule, answer?.diagnostics ?? [])} change={setRule} complete={offersFor} />
              )}
            </div>
          </Panel>
        </div>
        <div>
          <EstimatePanel estimate={estimate} asked={wanted !== null} />
          {published ? <Dependents name={published} /> : null}
        </div>
      </div>
      {reviewing ? <Review name={name} definition={draft} fresh={published === ''} close={() => setReviewing(false)} done={() => go(href`/segments/${name}`)} /> : null}
    </Page>
  );
}
