import { Tooltip } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useText } from '@/text';
import { useFormat } from './format';
import { useNow } from './now';

/** An instant: how long ago, and exactly when. */
export function When({ at }: { at: string | number | null | undefined }) {
  const format = useFormat();
  const now = useNow();
  if (at === null || at === undefined) return <span className="faint">–</span>;
  const iso = typeof at === 'number' ? new Date(at).toISOString() : at;
  return (
    <time dateTime={iso} title={format.dateTime(at)}>
      {format.ago(at, now)}
    </time>
  );
}

/** An instant, exactly. */
export function Exactly({ at }: { at: string | number | null | undefined }) {
  const format = useFormat();
  if (at === null || at === undefined) return <span className="faint">–</span>;
  return <time dateTime={typeof at === 'number' ? new Date(at).toISOString() : at}>{format.dateTime(at)}</time>;
}

export function Num({ value }: { value: number | null | undefined }) {
  const format = useFormat();
  return <span className="num">{value === null || value === undefined ? '–' : format.number(value)}</span>;
}

/** Puts a text where pasting finds it; whether that worked. */
async function put(value: string): Promise<boolean> {
  // A page that did not come by https, nor from this machine, is given no clipboard.
  if (!navigator.clipboard) return false;
  return navigator.clipboard.writeText(value).then(() => true, () => false);
}

/** A name that is copied by a click. Where the browser refuses, it is selected, to be copied by hand. */
export function Copy({ value, shown }: { value: string; shown?: string }) {
  const text = useText().kit;
  const [became, setBecame] = useState<'copied' | 'selected' | null>(null);
  const words = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (became !== 'copied') return;
    const timer = setTimeout(() => setBecame(null), 1_500);
    return () => clearTimeout(timer);
  }, [became]);
  useEffect(() => {
    // All of it stands there by now, also where only a part is shown.
    if (became === 'selected' && words.current) getSelection()?.selectAllChildren(words.current);
  }, [became]);
  const copy = async () => setBecame((await put(value)) ? 'copied' : 'selected');
  return (
    <>
      {became === 'selected' ? (
        <span ref={words} className="copy">{value}</span>
      ) : (
        <Tooltip label={became ? text.copied : text.copy} openDelay={300}>
          <button type="button" className="copy" onClick={() => void copy()} aria-label={`${text.copy}: ${value}`}>
            {shown ?? value}
          </button>
        </Tooltip>
      )}
      <span role="status" className={became === 'selected' ? 'faint small' : 'sr'}>
        {became === 'copied' ? text.copied : became === 'selected' ? ` ${text.copyByHand}` : ''}
      </span>
    </>
  );
}

/** Anything, as JSON. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return (
    <pre className="json" tabIndex={0} aria-label={label} role="region">
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}

/** A value of a property or an attribute, in one line. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? '–';
}

/** Counts over time, without axes: the shape is what is read. */
export function Spark({ values, height = 48, label }: { values: number[]; height?: number; label: string }) {
  const most = Math.max(1, ...values);
  const step = values.length > 1 ? 100 / (values.length - 1) : 100;
  const points = values.map((value, place) => `${(place * step).toFixed(2)},${(height - 2 - (value / most) * (height - 4)).toFixed(2)}`);
  if (values.length === 0) return null;
  const line = `M${points.join('L')}`;
  return (
    <svg className="spark" viewBox={`0 0 100 ${height}`} height={height} preserveAspectRatio="none" role="img" aria-label={label}>
      <path className="area" d={`${line}L100,${height}L0,${height}Z`} />
      <path className="line" d={line} />
    </svg>
  );
}

/** Parts of a whole. */
export function Meter({ parts, label }: { parts: { value: number; tone: string; name: string }[]; label: string }) {
  const sum = parts.reduce((total, part) => total + part.value, 0) || 1;
  return (
    <div className="meter" role="img" aria-label={label}>
      {parts.filter((part) => part.value > 0).map((part) => (
        <i key={part.name} className={part.tone} title={`${part.name}: ${part.value}`} style={{ width: `${(part.value / sum) * 100}%` }} />
      ))}
    </div>
  );
}
