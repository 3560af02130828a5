import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { NONE, useKnown, usePlanned, type Document } from '@/api/definitions';
import type { Diagnostic } from '@/api/problem';
import { useMayEdit } from '@/api/session';
import { sentence } from '@/kit/Fault';
import { byField, getAt, setAt } from '@/kit/form/document';
import { Fields, useWords } from '@/kit/form/Fields';
import { Editor } from '@/kit/editor';
import { Empty, Loaded } from '@/kit/Loaded';
import { Page, Panel, Tag } from '@/kit/Page';
import { CheckPanel } from '@/kit/publish/CheckPanel';
import { Ahead, Drafting, type Begun } from '@/kit/publish/Drafting';
import { Review } from '@/kit/publish/Review';
import { Words } from '@/kit/Words';
import { href, useGo, useQuestion } from '@/kit/To';
import { Remove } from '@/kit/publish/Remove';
import { useUnsaved } from '@/kit/unsaved';
import { useText } from '@/text';
import { CHANNELS, formOf, startOf, type Part } from './channels';
import { marksOf, partOf } from './model';
import { PreviewPanel, usePreviewed } from './Preview';
import { useVariables, type Finding } from './queries';

export function TemplateNew() {
  return <Draft name="" begun={null} />;
}

export function TemplateDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  const text = useText().templates;
  return (
    <Drafting named={{ folder: 'templates', name }}>
      {(begun) =>
        begun.published ? (
          <Draft name={name} begun={begun} />
        ) : (
          <Page title={name} crumbs={[{ to: '/templates', words: text.title }]}>
            <Panel>
              <Empty title={text.gone} words={text.goneWords} />
            </Panel>
          </Page>
        )
      }
    </Drafting>
  );
}

/** A template beside what it becomes for somebody. */
function Draft({ name: given, begun: from }: { name: string; begun: Begun | null }) {
  const published = from?.published?.definition ?? null;
  const text = useText();
  const own = text.templates;
  const go = useGo();
  const [question] = useQuestion();
  const mayEdit = useMayEdit();
  const [name, setName] = useState(given);
  const [document, setDocument] = useState<Document>(() => published ?? startOf('email'));
  // What was written for a channel comes back with it: who looks at another one loses nothing.
  const [left, setLeft] = useState<Record<string, Document>>({});
  const [reviewing, setReviewing] = useState(false);
  const known = useKnown('templates', []);
  const channel = String(document.channel ?? 'email');
  const choose = (next: string) => {
    setLeft({ ...left, [channel]: document });
    setDocument(left[next] ?? startOf(next));
  };
  const form = formOf(channel, known.data ?? []);
  const changed = JSON.stringify(document) !== JSON.stringify(published);
  const begun = published ?? startOf(channel);
  const typed = name !== given || JSON.stringify(document) !== JSON.stringify(begun);
  const unsaved = useUnsaved(mayEdit && typed);
  const named = { folder: 'templates', name };
  const plan = usePlanned(named, changed ? document : null);
  const { preview, event, setEvent, fault } = usePreviewed(changed ? { definition: document } : { template: name }, question.as ?? '');
  const findings = preview.data?.diagnostics ?? [];
  // What the preview says at a part of the text, the check says of the whole: once is enough.
  const checked = plan.faults.filter((one) => !findings.some((finding) => finding.code === one.code && finding.message === one.message));
  const faults = byField(checked, plan.prefix, [...form.options.map((field) => field.at), ...form.parts.map((part) => part.at), 'channel']);
  const fresh = published === null;
  const topic = typeof document.topic === 'string' ? document.topic : '';
  return (
    <Page
      title={fresh ? own.newTitle : name} crumbs={[{ to: '/templates', words: own.title }]} sub={topic ? own.about(topic) : own.transactionalWords}
      actions={
        <>
          {fresh ? null : <Button variant="default" onClick={() => go(`/messages?tab=ledger&template=${encodeURIComponent(name)}`)}>{text.messages.title}</Button>}
          {fresh ? null : <Button variant="default" onClick={() => go(href`/definitions/templates/${name}/history`)}>{text.kit.publish.history}</Button>}
          {fresh || !mayEdit ? null : <Remove named={named} done={() => { unsaved.leave(); go('/templates'); }} />}
          {mayEdit ? <Button disabled={!changed || !name} onClick={() => setReviewing(true)}>{own.review}</Button> : null}
        </>
      }
    >
      {from ? <Ahead named={named} begun={from} changed={typed} quiet={reviewing} /> : null}
      <div className="columns">
        <div>
          <Panel title={own.source}>
            <div className="stack">
              {fresh ? (
                <div className="fields">
                  <TextInput className="half" label={text.definitions.name} description={own.nameHint} required value={name} onChange={(typed) => setName(typed.currentTarget.value)} autoFocus />
                  <NativeSelect className="half" label={own.channel} description={own.channelHint} value={channel} onChange={(chosen) => choose(chosen.currentTarget.value)} data={Object.keys(CHANNELS).map((one) => ({ value: one, label: text.kit.form.choices[one] ?? one }))} />
                </div>
              ) : null}
              {form.parts.map((part) => (
                <PartField
                  key={part.at} part={part} value={String(getAt(document, part.at) ?? '')} readOnly={!mayEdit} faults={faults[part.at] ?? []} findings={findings}
                  set={(typed) => setDocument(setAt(document, part.at, typed === '' && published?.[part.at] === undefined ? undefined : typed))}
                />
              ))}
            </div>
          </Panel>
          <Panel title={own.options}>
            <Fields fields={form.options} document={document} set={setDocument} faults={faults} words="templates" disabled={!mayEdit} />
          </Panel>
          {fresh ? null : <VariablesPanel name={name} />}
        </div>
        <div>
          <PreviewPanel preview={preview} event={event} setEvent={setEvent} fault={fault} />
          {changed ? <CheckPanel plan={plan} elsewhere={[...(faults[''] ?? []), ...(faults.channel ?? [])]} asked={name !== ''} /> : null}
        </div>
      </div>
      {reviewing ? (
        <Review
          named={named} document={document} from={from?.revision ?? NONE} title={own.publishTitle} close={() => setReviewing(false)} consequences={fresh ? [] : [own.publishWords, own.publishSent]}
          done={() => {
            // What was typed is in force: another draft begins from it.
            if (!fresh) return from?.anew();
            unsaved.leave();
            go(href`/templates/${name}`);
          }}
        />
      ) : null}
      {unsaved.asks}
    </Page>
  );
}

interface PartProps {
  part: Part;
  value: string;
  set: (text: string) => void;
  readOnly: boolean;
  faults: Diagnostic[];
  findings: Finding[];
}

/** One text of it, with what the preview found in it. */
function PartField({ part, value, set, readOnly, faults, findings }: PartProps) {
  const wordsOf = useWords();
  const { templates: text, faults: inShort } = useText();
  const { label } = wordsOf('templates', part.at);
  const here = findings.filter((finding) => partOf(finding) === part.at || part.at.endsWith(`.${partOf(finding)}`));
  const said = [...here.filter((finding) => finding.severity === 'error'), ...faults].map((fault) => sentence(fault, inShort));
  if (part.as === 'line') return <TextInput label={label} value={value} onChange={(event) => set(event.currentTarget.value)} readOnly={readOnly} {...(said.length > 0 ? { error: <Words words={said.join(' · ')} own /> } : {})} />;
  return (
    <div>
      <p className="small" style={{ fontWeight: 500, marginBottom: 4 }}>{label}</p>
      {part.at === 'text' && part.as === 'text' ? <p className="dim small" style={{ marginBottom: 4 }}>{text.plainHint}</p> : null}
      <Editor text={value} language={part.as} label={label} marks={marksOf(value, here, inShort)} change={set} readOnly={readOnly} />
      {said.length > 0 ? <p className="small fault" role="alert"><Words words={said.join(' · ')} own /></p> : null}
    </div>
  );
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
