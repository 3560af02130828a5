import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Fault } from '@/kit/Fault';
import { Editor } from '@/kit/editor';
import { said } from '@/kit/form/document';
import { Frame } from '@/kit/Frame';
import { Failed, Waiting } from '@/kit/Loaded';
import { Facts, Panel, State } from '@/kit/Page';
import { useAsked } from '@/kit/Search';
import { inWords } from '@/kit/values';
import { useText } from '@/text';
import { personOf } from './model';
import { usePreview, type Asked, type Preview } from './queries';

/** What a template becomes for somebody, and the event it is tried with. */
export function usePreviewed(what: Pick<Asked, 'definition' | 'template'>, as: string) {
  const [event, setEvent] = useState('{}');
  const person = personOf(as);
  const { value: sample, fault } = readEvent(event);
  const wanted: Asked = { ...what, ...(person ? { profile: person } : {}), ...(sample ? { event: sample } : {}) };
  const [asked] = useDebouncedValue(JSON.stringify(wanted), 300);
  return { preview: usePreview(JSON.parse(asked) as Asked), event, setEvent, fault };
}

function readEvent(typed: string): { value?: Record<string, unknown>; fault: boolean } {
  try {
    return { value: JSON.parse(typed || '{}') as Record<string, unknown>, fault: false };
  } catch {
    return { fault: true };
  }
}

interface Props {
  preview: ReturnType<typeof usePreview>;
  event: string;
  setEvent: (event: string) => void;
  fault: boolean;
}

/** The draft as one person would get it. */
export function PreviewPanel({ preview, event, setEvent, fault }: Props) {
  const text = useText().templates;
  const [as, setAs] = useAsked('as');
  const whole = (preview.data?.diagnostics ?? []).filter((finding) => finding.part === '');
  return (
    <Panel title={text.preview} end={preview.data ? <State tone={preview.data.sendable ? 'good' : 'bad'}>{preview.data.sendable ? text.sendable : text.sendableNot}</State> : null}>
      <div className="stack">
        <TextInput label={text.as} description={text.asHint} placeholder={text.asPlaceholder} value={as} onChange={(typed) => setAs(typed.currentTarget.value)} />
        <div>
          <p className="small" style={{ fontWeight: 500, marginBottom: 4 }}>{text.event}</p>
          <Editor text={event} language="json" label={text.event} change={setEvent} />
          {fault ? <p className="small fault">{text.eventFault}</p> : null}
        </div>
        {preview.error ? <Failed error={preview.error} /> : null}
        {preview.isPending && !preview.error ? <Waiting rows={4} /> : null}
        {preview.data ? (
          <div data-testid="preview" className="stack">
            {whole.map((finding, place) => (
              <p key={place} className={finding.severity === 'error' ? 'small fault' : 'small dim'}><Fault fault={finding} /></p>
            ))}
            <Shown preview={preview.data} />
          </div>
        ) : null}
      </div>
    </Panel>
  );
}

const NO_CONTENT = new Set(['sendable', 'diagnostics', 'variables', 'html', 'subject', 'text']);

/** What there is of it: a mail as a mail, and whatever else a channel has by its name. */
function Shown({ preview }: { preview: Preview }) {
  const text = useText().templates;
  const rest = Object.entries(preview as Record<string, unknown>).filter(([name, value]) => !NO_CONTENT.has(name) && value !== null && value !== undefined);
  return (
    <>
      {preview.subject !== null && preview.subject !== undefined ? (
        <p>
          <span className="dim">{text.subject} </span>
          <strong>{preview.subject}</strong>
        </p>
      ) : null}
      {preview.html ? <Frame html={preview.html} title={text.preview} /> : preview.text ? <pre className="json" tabIndex={0}>{preview.text}</pre> : null}
      {rest.map(([name, value]) =>
        typeof value === 'object' && !Array.isArray(value) ? (
          <Facts key={name} facts={Object.entries(value as object).filter(([, inner]) => inner !== null).map(([key, inner]) => [said(key), inWords(inner)])} />
        ) : (
          <Facts key={name} facts={[[said(name), inWords(value)]]} />
        ),
      )}
    </>
  );
}
