import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useMayEdit } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { Diff } from '@/kit/Diff';
import { Editor } from '@/kit/editor';
import { Frame } from '@/kit/Frame';
import { Empty, Failed, Loaded, Waiting } from '@/kit/Loaded';
import { Page, Panel, Tag } from '@/kit/Page';
import { useQuestion } from '@/kit/To';
import { useText } from '@/text';
import { marksOf, personOf } from './model';
import { useApply, usePlan, usePreview, useTemplates, useVariables, type Asked, type Template } from './queries';

export function TemplateDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  const text = useText().templates;
  const query = useTemplates();
  return (
    <Loaded query={query} rows={8}>
      {({ definitions }) => {
        const found = definitions.templates?.[name]?.definition;
        return found ? <Draft key={name} name={name} published={found} /> : <Page title={name} crumbs={[{ to: '/templates', words: text.title }]}><Panel><Empty title={text.gone} words={text.goneWords} /></Panel></Page>;
      }}
    </Loaded>
  );
}

/** A template beside what it becomes for somebody. */
function Draft({ name, published }: { name: string; published: Template }) {
  const text = useText().templates;
  const [question, change] = useQuestion();
  const mayEdit = useMayEdit();
  const [subject, setSubject] = useState(published.subject ?? '');
  const [html, setHtml] = useState(published.html ?? '');
  const [event, setEvent] = useState('{}');
  const [reviewing, setReviewing] = useState(false);
  const draft: Template = { ...published, subject, html };
  const changed = subject !== (published.subject ?? '') || html !== (published.html ?? '');
  const person = personOf(question.as ?? '');
  const { value: sample, fault } = readEvent(event);
  const wanted: Asked = { ...(changed ? { definition: draft } : { name }), ...(person ? { profile: person } : {}), ...(sample ? { event: sample } : {}) };
  const [asked] = useDebouncedValue(JSON.stringify(wanted), 300);
  const preview = usePreview(JSON.parse(asked) as Asked);
  return (
    <Page
      title={name} crumbs={[{ to: '/templates', words: text.title }]} sub={published.topic ? text.about(published.topic) : text.transactionalWords}
      actions={mayEdit ? <Button disabled={!changed} onClick={() => setReviewing(true)}>{text.review}</Button> : null}
    >
      <div className="columns">
        <div>
          <Panel title={text.source}>
            <div className="stack">
              <TextInput label={text.subject} value={subject} onChange={(event_) => setSubject(event_.currentTarget.value)} readOnly={!mayEdit} />
              <Editor text={html} language="html" label={text.body} marks={marksOf(html, preview.data?.diagnostics ?? [])} change={setHtml} readOnly={!mayEdit} />
            </div>
          </Panel>
          <VariablesPanel name={name} />
        </div>
        <div>
          <Panel title={text.preview}>
            <div className="stack">
              <TextInput label={text.as} description={text.asHint} placeholder={text.asPlaceholder} value={question.as ?? ''} onChange={(event_) => change({ as: event_.currentTarget.value })} />
              <div>
                <p className="small" style={{ fontWeight: 500, marginBottom: 4 }}>{text.event}</p>
                <Editor text={event} language="json" label={text.event} change={setEvent} />
                {fault ? <p className="small" style={{ color: 'var(--bad)' }}>{text.eventFault}</p> : null}
              </div>
              {preview.error ? <Failed error={preview.error} /> : null}
              {preview.isPending && !preview.error ? <Waiting rows={4} /> : null}
              {preview.data ? (
                <div data-testid="preview">
                  <p style={{ marginBottom: 10 }}>
                    <span className="dim">{text.subject} </span>
                    <strong>{preview.data.subject}</strong>
                  </p>
                  {preview.data.html ? <Frame html={preview.data.html} title={text.preview} /> : <pre className="json" tabIndex={0}>{preview.data.text}</pre>}
                </div>
              ) : null}
            </div>
          </Panel>
        </div>
      </div>
      {reviewing ? <Review name={name} definition={draft} close={() => setReviewing(false)} /> : null}
    </Page>
  );
}

function readEvent(typed: string): { value?: Record<string, unknown>; fault: boolean } {
  try {
    return { value: JSON.parse(typed || '{}') as Record<string, unknown>, fault: false };
  } catch {
    return { fault: true };
  }
}

function VariablesPanel({ name }: { name: string }) {
  const text = useText().templates;
  const query = useVariables(name);
  return (
    <Panel title={text.variables} sub={text.variablesWords}>
      <Loaded query={query} rows={2}>
        {({ variables }) =>
          variables.length === 0 ? (
            <p className="dim">{text.noVariables}</p>
          ) : (
            <ul className="row">
              {[...new Map(variables.map((one) => [one.path, one])).values()].map((one) => (
                <li key={one.path}>
                  <Tag {...(one.fallback || !one.path.startsWith('event.') ? {} : { tone: 'warn' as const })}>{one.fallback || !one.path.startsWith('event.') ? one.path : `${one.path} · ${text.noFallback}`}</Tag>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Review({ name, definition, close }: { name: string; definition: Template; close: () => void }) {
  const text = useText().templates;
  const plan = usePlan(name, definition, true);
  const apply = useApply(name);
  const own = plan.data?.changes.find((change) => change.name === name);
  const faults = (plan.data?.diagnostics ?? []).filter((fault) => fault.path.startsWith(`template/${name}`));
  return (
    <Confirm
      opened close={close} title={text.publishTitle} verb={text.publish} busy={apply.isPending || plan.isPending} error={apply.error ?? plan.error}
      consequences={[text.publishWords, text.publishSent, ...faults.map((fault) => `${fault.path}: ${fault.message}`)]}
      act={() => apply.mutate(definition, { onSuccess: close })}
    >
      {own ? <Diff before={own.before} after={own.after} label={text.diff} /> : null}
    </Confirm>
  );
}
